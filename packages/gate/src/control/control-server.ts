import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { StatefunError } from '@statefun/protocol'
import type { RunEvents } from '../run/run-events.ts'
import type { ControlAccess } from '../topology/deployment-access.ts'
import type { Deployment } from '../topology/topology.ts'
import { DeploymentRoutes } from './deployment-routes.ts'
import { errorToJson } from './error-json.ts'
import { newToken } from './token.ts'

/**
 * The HTTP server through which tests, evidence and `--stop` reach what only the process of the parts can do. It listens on
 * loopback, on a free port, and answers whoever has its token.
 *
 * - `/<deployment>/…` see {@link DeploymentRoutes}
 * - `POST /stop` ends the stage; answers before it is done
 */
export class ControlServer implements AsyncDisposable {
  readonly token = newToken()
  readonly #events: RunEvents
  readonly #stop: () => void
  readonly #deployments = new Map<string, DeploymentRoutes>()
  readonly #shared = new Map<string, unknown>()
  readonly #server: Server

  constructor(events: RunEvents, stop: () => void) {
    this.#events = events
    this.#stop = stop
    this.#server = createServer((request, response) => void this.#handle(request, response))
  }

  /** @throws StatefunError `SF_GATE_CONTROL` */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) =>
        reject(new StatefunError('SF_GATE_CONTROL', 'the control server cannot listen', { cause })),
      )
      this.#server.listen(0, '127.0.0.1', resolve)
    })
  }

  /** `http://127.0.0.1:<port>` */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  /** Serves a deployment from now on; returns how its tests reach it. */
  add(deployment: Deployment): ControlAccess {
    const { engine } = deployment.facts
    this.#deployments.set(engine, new DeploymentRoutes(deployment, this.#events, this.#shared))
    return { url: `${this.url}/${engine}`, token: this.token }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#deployments.values()].map((routes) => routes.close()))
    if (!this.#server.listening) return
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!this.#authorized(request)) {
        throw new StatefunError('SF_GATE_CONTROL_TOKEN', 'the control server wants its token')
      }
      const url = request.url ?? '/'
      const [, name = '', rest = ''] = /^\/([^/?]*)(.*)$/.exec(url) ?? []
      if (name === 'stop' && request.method === 'POST') {
        response.end('{}\n', this.#stop)
        return
      }
      const routes = this.#deployments.get(name)
      if (routes === undefined)
        throw new StatefunError('SF_GATE_CONTROL_PATH', `there is no deployment "${name}"`)
      request.url = rest
      if (await routes.serve(request, response)) return
      const body = request.method === 'POST' ? await text(request) : ''
      const answer = await routes.answer(request.method ?? 'GET', rest, body === '' ? {} : JSON.parse(body))
      if (typeof answer === 'string') response.setHeader('content-type', 'text/plain; charset=utf-8')
      else response.setHeader('content-type', 'application/json')
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? {}))
    } catch (error) {
      if (response.headersSent) {
        response.destroy()
        return
      }
      response.writeHead(StatefunError.from(error).code === 'SF_GATE_CONTROL_TOKEN' ? 401 : 400, {
        'content-type': 'application/json',
      })
      response.end(JSON.stringify(errorToJson(error)))
    }
  }

  #authorized(request: IncomingMessage): boolean {
    const given = Buffer.from(request.headers.authorization ?? '')
    const wanted = Buffer.from(`Bearer ${this.token}`)
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  }
}
