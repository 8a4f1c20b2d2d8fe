import { serve } from '@statefun/sdk'
import { functions } from './functions.ts'

const server = await serve(functions, { port: Number(process.env.PORT ?? 8080) })
console.log(`functions at ${server.url}/statefun`)
