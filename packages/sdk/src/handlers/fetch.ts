import type { InvocableFunction } from '@statefun/protocol'
import { BodyCollector } from './body-collector.ts'
import { createRequestHandler, type HandlerOptions, type HandlerRequest } from './handle-request.ts'

/**
 * Serves functions where requests and responses are those of the Fetch standard: Deno, Bun, Hono, Next.js, edge workers.
 *
 * @throws StatefunError as {@link createRequestHandler}
 * @example export const POST = toFetchHandler([counter, greeter])
 */
export function toFetchHandler(
  functions: readonly InvocableFunction[],
  options: HandlerOptions = {},
): (request: Request) => Promise<Response> {
  const handle = createRequestHandler(functions, options)
  return async (request) => {
    const { status, headers, body } = await handle(viewOf(request))
    const empty = request.method === 'HEAD'
    return new Response(empty ? null : (body as Uint8Array<ArrayBuffer>), { status, headers })
  }
}

function viewOf(request: Request): HandlerRequest {
  return {
    method: request.method,
    path: new URL(request.url).pathname,
    header: (name) => request.headers.get(name) ?? undefined,
    readBody: async (limit) => {
      const collector = new BodyCollector(limit)
      if (request.body !== null) for await (const chunk of request.body) collector.add(chunk)
      return collector.bytes()
    },
  }
}
