import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StatefunError } from '@statefun/protocol'
import type { Engine } from '../engine/engine.ts'
import { createServer } from '../http/node-http.ts'
import { readBody } from '../http/read-body.ts'
import { isOwnHost } from './host-name.ts'

/** Further paths of the admin API; false, with nothing done, when the path is another one. */
export type AdminRoute = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

/** What an engine shows of itself over HTTP; {@link Engine} is one. */
export type AdminEngine = Pick<
  Engine,
  | 'ready'
  | 'restarts'
  | 'metrics'
  | 'checkFunction'
  | 'state'
  | 'instances'
  | 'parked'
  | 'redrive'
  | 'checkpoint'
  | 'savepoint'
>

const MAX_INSTANCES = 1000
const MAX_BODY_BYTES = 64 * 1024

/**
 * The admin API.
 *
 * - `GET /health` 200 while the process is up, `GET /ready` 200 while records are processed, else 503
 * - `GET /metrics` Prometheus text
 * - `GET /state/<namespace>/<name>?limit=100` ids of instances
 * - `GET /state/<namespace>/<name>/<id>` the instance's states, values as base64
 * - `GET /parked`, `POST /redrive/<namespace>/<name>[/<id>]` failure policy `park`
 * - `POST /checkpoint` cuts an epoch
 * - `POST /savepoint` with `{"to": "<place>"}` copies the state there; answers with lines of JSON: `{"bytes"}` while it goes
 *   on, then `{"app", "epoch", "bytes", "to"}` or an error
 *
 * It has no authentication and listens on the loopback address unless told otherwise. Web pages of other sites get nothing
 * from it: it answers under addresses and names of its own alone, and what is no `GET` is refused to pages of any origin.
 */
export class AdminServer {
  readonly #engine: AdminEngine
  readonly #routes: readonly AdminRoute[]
  readonly #server: Server
  /** Under which it may be asked, see {@link isOwnHost}. */
  readonly #names: string[]

  /** @param names under which it may be asked besides `localhost`, addresses and the host on which it listens */
  constructor(engine: AdminEngine, routes: readonly AdminRoute[], names: readonly string[] = []) {
    this.#engine = engine
    this.#routes = routes
    this.#names = [...names]
    this.#server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) => {
      void this.#handle(request, response)
    })
  }

  /** `http://host:port` */
  get url(): string {
    const { address, port, family } = this.#server.address() as AddressInfo
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  /** @throws StatefunError `SF_ADMIN_LISTEN` */
  async listen(host: string, port: number): Promise<void> {
    this.#names.push(host)
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        reject(
          new StatefunError('SF_ADMIN_LISTEN', `the admin API cannot listen: ${cause.message}`, {
            where: `${host}:${port}`,
            hint:
              cause.code === 'EADDRINUSE'
                ? 'another program has the port: choose another one (admin.port, 0 for any)'
                : 'choose another host or port (admin)',
            cause,
          }),
        )
      })
      this.#server.listen(port, host, resolve)
    })
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { host } = request.headers
      if (!isOwnHost(host, this.#names)) {
        send(response, 403, {
          code: 'SF_ADMIN_HOST',
          message: `the admin API does not answer under the name "${host}"`,
          hint: 'ask under its address, or name it in admin.names or --admin-names',
        })
        return
      }
      if (request.method !== 'GET' && request.headers.origin !== undefined) {
        send(response, 403, { code: 'SF_ADMIN_ORIGIN', message: 'requests from web pages are refused' })
        return
      }
      for (const route of this.#routes) if (await route(request, response)) return
      await this.#route(request, response)
    } catch (cause) {
      const error = StatefunError.from(cause)
      if (response.headersSent) response.destroy()
      else
        send(
          response,
          error.code === 'SF_ENGINE_NOT_RUNNING' ? 503 : error.code === 'SF_INTERNAL' ? 500 : 400,
          error.toJSON(),
        )
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [pathname = '/', query = ''] = (request.url ?? '/').split('?', 2)
    const [root, ...path] = pathname.split('/').slice(1).map(decodePart)
    const method = root === 'redrive' || root === 'checkpoint' || root === 'savepoint' ? 'POST' : 'GET'
    const engine = this.#engine
    const answer = (): unknown => {
      switch (root) {
        case 'health':
          return { status: 'up' }
        case 'ready':
          return engine.ready ? { status: 'ready', restarts: engine.restarts } : undefined
        case 'parked':
          return { parked: engine.parked() }
        case 'state':
          return this.#state(path, new URLSearchParams(query))
        default:
          return { redriven: engine.redrive(`${path[0]}/${path[1]}`, path[2]) }
      }
    }
    const known =
      (path.length === 0 &&
        ['health', 'ready', 'metrics', 'parked', 'checkpoint', 'savepoint'].includes(root ?? '')) ||
      ((root === 'state' || root === 'redrive') && (path.length === 2 || path.length === 3))
    if (!known) {
      send(response, 404, { code: 'SF_ADMIN_NOT_FOUND', message: `there is nothing at ${pathname}` })
      return
    }
    if (request.method !== method && !(method === 'GET' && request.method === 'HEAD')) {
      response.setHeader('allow', method)
      send(response, 405, { code: 'SF_ADMIN_METHOD', message: `${pathname} takes ${method}` })
      return
    }
    if (root === 'metrics') {
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8')
      response.end(await engine.metrics.render())
      return
    }
    if (root === 'checkpoint') {
      await engine.checkpoint()
      send(response, 200, { status: 'durable' })
      return
    }
    if (root === 'savepoint') {
      await this.#savepoint(request, response)
      return
    }
    const body = await answer()
    if (body === undefined) send(response, 503, { status: 'not ready', restarts: engine.restarts })
    else send(response, 200, body)
  }

  async #savepoint(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { to } = await readJson(request)
    if (typeof to !== 'string') {
      throw new StatefunError('SF_ADMIN_BODY', 'the body is no JSON object with a text "to"', {
        hint: 'send {"to": "<place>"}',
      })
    }
    const line = (body: unknown) => {
      if (!response.headersSent) response.setHeader('content-type', 'application/x-ndjson')
      response.write(`${JSON.stringify(body)}\n`)
    }
    try {
      const copied = await this.#engine.savepoint(to, (bytes) => line({ bytes }))
      line({ ...copied, to })
    } catch (error) {
      // A client waits for lines once there was one.
      if (!response.headersSent) throw error
      line(StatefunError.from(error).toJSON())
    }
    response.end()
  }

  async #state([namespace, name, id]: string[], query: URLSearchParams): Promise<unknown> {
    const typename = `${namespace}/${name}`
    this.#engine.checkFunction(typename)
    if (id === undefined) {
      const limit = Number(query.get('limit') ?? 100)
      return {
        typename,
        ids: await this.#engine.instances(typename, Math.min(Math.max(limit, 1) || 1, MAX_INSTANCES)),
      }
    }
    const states = this.#engine.state(typename, id).map(({ value, ...state }) => ({
      ...state,
      value: Buffer.from(value).toString('base64'),
    }))
    return { typename, id, states }
  }
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(String(await readBody(request, MAX_BODY_BYTES)))
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status
  response.setHeader('content-type', 'application/json')
  response.end(`${JSON.stringify(body)}\n`)
}
