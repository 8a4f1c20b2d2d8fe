import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An HTTP proxy on loopback that refuses every other call of an action as Kinesis refuses too many. */
export class ThrottlingProxy implements AsyncDisposable {
  readonly endpoint: string
  refused = 0
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  static async to(endpoint: string, action: string): Promise<ThrottlingProxy> {
    let calls = 0
    const server = createServer((incoming, response) => {
      const wanted = String(incoming.headers['x-amz-target']).endsWith(`.${action}`)
      if (wanted && calls++ % 2 === 0) {
        proxy.refused++
        incoming.resume()
        response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' })
        response.end(
          JSON.stringify({ __type: 'ProvisionedThroughputExceededException', message: 'Rate exceeded' }),
        )
        return
      }
      const outgoing = request(
        endpoint,
        { method: incoming.method ?? 'POST', headers: incoming.headers, path: incoming.url ?? '/' },
        (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers)
          answer.pipe(response)
        },
      )
      outgoing.on('error', () => response.destroy())
      incoming.pipe(outgoing)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const proxy = new ThrottlingProxy(server)
    return proxy
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
