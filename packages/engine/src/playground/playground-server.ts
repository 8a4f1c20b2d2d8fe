import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { StatefunError } from '@statefun/protocol'
import { createServer } from '../http/node-http.ts'

/** Where the playground's two servers listen. */
export interface PlaygroundOptions {
  /**
   * Default `127.0.0.1`. Flink's playground listens on `0.0.0.0`, where anyone on the network may call any function; ask
   * for it by name when a container needs it.
   */
  readonly host?: string | undefined
  /** Largest body of a message in bytes, default 16 MiB. */
  readonly maxBodyBytes?: number | undefined
}

/** How many messages or records a playground queue holds (contract 4.6). */
export const PLAYGROUND_QUEUE = 2 ** 20

/** @throws StatefunError `SF_PLAYGROUND_LISTEN` when the port is taken or not allowed */
export async function listen(
  id: string,
  host: string,
  port: number,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(handler)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new StatefunError(
          'SF_PLAYGROUND_LISTEN',
          `${id} cannot listen on ${host}:${port}: ${cause.message}`,
          {
            hint: 'stop the other program or change the port in module.yaml',
            cause,
          },
        ),
      ),
    )
    server.listen(port, host, resolve)
  })
  return server
}

/** Stops accepting and cuts idle and open connections. Idempotent. */
export async function close(server: Server | undefined): Promise<void> {
  if (server === undefined || !server.listening) return
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}

/** Answers with a status and a short text. */
export function answer(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status
  response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.end(text)
}
