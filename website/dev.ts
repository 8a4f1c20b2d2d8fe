import { join } from 'node:path'
import { createServer } from 'vitepress'
import { writeApiReference } from './src/api-reference.ts'

// `npm run docs:dev`: the site, anew with every change of a page.

await writeApiReference()
const server = await createServer(join(import.meta.dirname), {})
await server.listen()
server.printUrls()
