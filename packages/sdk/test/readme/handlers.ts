import { createServer } from 'node:http'
import { toFetchHandler, toLambdaHandler, toNodeHandler } from '@statefun/sdk'
import { counter } from './counter.ts'

/** A server of your own, or a framework that hands out node's request and response. */
export const server = createServer(toNodeHandler([counter]))
/** Hono, Next.js, Deno, Bun: `(request: Request) => Promise<Response>`. */
export const POST = toFetchHandler([counter])
/** API Gateway (1.0 and 2.0), function URLs, load balancers. */
export const handler = toLambdaHandler([counter])
