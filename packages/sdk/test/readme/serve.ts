import { serve } from '@statefun/sdk'
import { counter } from './counter.ts'

const server = await serve([counter], { port: 8000, path: '/statefun' })
console.log(`serving on ${server.url}`)
