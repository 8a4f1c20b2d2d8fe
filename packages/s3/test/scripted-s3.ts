import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as the server got it. */
export interface ScriptedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Answers a request, or does not. */
export type ScriptedAnswer = (response: ServerResponse, request: ScriptedRequest) => void

/** An error of S3. */
export function errorAnswer(status: number, code: string, message = 'as the test wants it'): ScriptedAnswer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/xml' })
    response.end(
      `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message>` +
        '<AWSAccessKeyId>AKIATEST</AWSAccessKeyId><StringToSign>to-sign</StringToSign></Error>',
    )
  }
}

/** Goes away in the middle of the answer. */
export const hangUp: ScriptedAnswer = (response) => response.destroy()

/** Never answers. */
export const silence: ScriptedAnswer = () => undefined

/** An HTTP server that answers as a test tells it, the last way again and again; 200 without content at first. */
export class ScriptedS3 {
  readonly requests: ScriptedRequest[] = []
  readonly answers: ScriptedAnswer[] = [(response) => response.end()]
  readonly endpoint: string
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (request, response) => this.#answer(request, response))
  }

  static async start(): Promise<ScriptedS3> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new ScriptedS3(server)
  }

  /** What the next requests get. */
  script(...answers: ScriptedAnswer[]): void {
    this.answers.splice(0, Number.POSITIVE_INFINITY, ...answers)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer)
    } catch {
      return
    }
    const { method = '', url: path = '', headers } = incoming
    const request = { method, path, headers, body: Buffer.concat(chunks) }
    this.requests.push(request)
    const answer = this.answers.length > 1 ? this.answers.shift()! : this.answers[0]!
    answer(response, request)
  }
}
