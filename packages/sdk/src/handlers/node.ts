import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { type InvocableFunction, StatefunError } from '@statefun/protocol'
import { BodyCollector } from './body-collector.ts'
import {
  createStreamingHandler,
  type HandlerOptions,
  type HandlerResponse,
  type StreamingHandler,
} from './handle-request.ts'

/** A listener for node:http and node:https servers, and for frameworks that hand out node's request and response. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Serves functions inside a node:http server of your own; {@link serve} also makes the server.
 *
 * @throws StatefunError as {@link createStreamingHandler}
 * @example createServer(toNodeHandler([counter, greeter])).listen(8000)
 */
export function toNodeHandler(
  functions: readonly InvocableFunction[],
  options: HandlerOptions = {},
): NodeHandler {
  return nodeListener(createStreamingHandler(functions, options), () => false)
}

/** @param isClosing asked at each answer whether the caller must be told not to reuse the connection */
export function nodeListener(handle: StreamingHandler, isClosing: () => boolean): NodeHandler {
  return (request, response) => {
    void handle({
      method: request.method ?? '',
      path: (request.url ?? '/').split('?', 1)[0]!,
      header: (name) => {
        const value = request.headers[name]
        return Array.isArray(value) ? value.join(', ') : value
      },
      readBody: (limit) => readBody(request, limit),
    })
      .then(({ status, headers, body }) => {
        if (!(body instanceof Uint8Array)) {
          stream(response, status, headers, body, isClosing)
          return
        }
        // The rest of a refused body is not read, so the connection cannot carry another request.
        if (isClosing() || (status >= 400 && !request.complete)) response.setHeader('connection', 'close')
        response.writeHead(status, { ...headers, 'content-length': body.length })
        response.end(body)
      })
      .catch((error: Error) => response.destroy(error))
  }
}

/** A caller that goes away ends it: the functions run on, and nobody takes their answers. */
function stream(
  response: ServerResponse,
  status: number,
  headers: HandlerResponse['headers'],
  body: AsyncIterable<Uint8Array>,
  isClosing: () => boolean,
): void {
  if (isClosing()) response.setHeader('connection', 'close')
  response.writeHead(status, headers)
  pipeline(body, response, () => {
    // Node would keep the connection for more requests, although the server stopped listening meanwhile.
    if (isClosing()) response.req.socket.destroySoon()
  })
}

function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const collector = new BodyCollector(limit)
    request.on('data', (chunk: Buffer) => {
      try {
        collector.add(chunk)
      } catch (error) {
        request.pause()
        request.removeAllListeners('data')
        reject(error)
      }
    })
    request.on('end', () => resolve(collector.bytes()))
    request.on('error', (error) => reject(aborted(error)))
    request.on('close', () => {
      if (!request.readableEnded) reject(aborted())
    })
  })
}

function aborted(cause?: unknown): StatefunError {
  return new StatefunError('SF_SDK_BODY_ABORTED', 'the caller went away before the body had come', { cause })
}
