import { StatefunError } from '@statefun/protocol'
import type { ControlAccess } from '../topology/deployment-access.ts'
import type { AppStatus, DeployOptions, PartName, StateOfInstance } from '../topology/topology.ts'
import type { ControlledPart, ErrorJson, Fault } from './control-types.ts'
import type { StateJson } from './deployment-routes.ts'
import { errorFromJson } from './error-json.ts'

/**
 * Reaches what the process of the parts can do, from a test or whatever collects evidence. All methods throw what happened
 * over there as the same StatefunError, and `SF_GATE_CONTROL_GONE` when nobody answers.
 */
export class ControlClient {
  readonly #access: ControlAccess

  constructor(access: ControlAccess) {
    this.#access = access
  }

  async parts(): Promise<ControlledPart[]> {
    return (await this.#json('GET', '/parts')) as ControlledPart[]
  }

  /** All of a part's log. */
  async log(part: PartName): Promise<string> {
    return await this.#text('GET', `/parts/${part}/log`)
  }

  /** Settles when it is done: a part that was started answers. */
  async fault(part: PartName, fault: Fault): Promise<void> {
    await this.#text('POST', `/parts/${part}/${fault}`)
  }

  async status(app: string): Promise<AppStatus> {
    return (await this.#json('GET', `${appPath(app)}/status`)) as AppStatus
  }

  /** Prometheus's text format. */
  async metrics(app: string): Promise<string> {
    return await this.#text('GET', `${appPath(app)}/metrics`)
  }

  /** The end of the engine's log of an app. */
  async appLog(app: string): Promise<string> {
    return await this.#text('GET', `${appPath(app)}/log`)
  }

  /** @param typename `<namespace>/<name>` of the function */
  async state(app: string, typename: string, id: string): Promise<StateOfInstance[]> {
    const [namespace = '', name = ''] = typename.split('/')
    const path = [namespace, name, id].map(encodeURIComponent).join('/')
    const states = (await this.#json('GET', `${appPath(app)}/state/${path}`)) as StateJson[]
    return states.map((state) => ({
      name: state.name,
      typename: state.typename,
      value: new Uint8Array(Buffer.from(state.valueBase64, 'base64')),
    }))
  }

  async deploy(options: DeployOptions): Promise<void> {
    await this.#text('POST', '/apps', JSON.stringify(options))
  }

  async undeploy(app: string): Promise<void> {
    await this.#text('DELETE', appPath(app))
  }

  /** Writes to the run's timeline. */
  async note(text: string): Promise<void> {
    await this.#text('POST', '/notes', JSON.stringify({ text }))
  }

  /**
   * Gives a value to the tests of all engines of the run. The first one of a name stays, whoever gave it.
   *
   * @param value anything JSON can hold
   * @returns the one that stays
   * @example const { seed } = await control.share('smoke seed', { seed: smokeSeed() })
   */
  async share<Value>(name: string, value: Value): Promise<Value> {
    const path = `/shared/${encodeURIComponent(name)}`
    const answer = JSON.parse(await this.#text('POST', path, JSON.stringify({ value })))
    return (answer as { readonly value: Value }).value
  }

  /** What was shared under a name; undefined when nothing was until now. */
  async shared(name: string): Promise<unknown> {
    const answer = await this.#json('GET', `/shared/${encodeURIComponent(name)}`)
    return (answer as { readonly value?: unknown }).value
  }

  /** Any request below the deployment's path; the answer's status is 200. */
  async request(
    method: string,
    path: string,
    body?: string,
    { signal, type = 'application/json' }: { readonly signal?: AbortSignal; readonly type?: string } = {},
  ): Promise<Response> {
    let response: Response
    try {
      response = await fetch(this.#access.url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.#access.token}`,
          ...(body === undefined ? {} : { 'content-type': type }),
        },
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      })
    } catch (cause) {
      signal?.throwIfAborted()
      throw new StatefunError('SF_GATE_CONTROL_GONE', 'the process that holds the parts does not answer', {
        where: this.#access.url,
        hint: 'it has ended: see host.log of the run',
        cause,
      })
    }
    if (response.ok) return response
    throw errorFromJson((await response.json()) as ErrorJson)
  }

  async #text(method: string, path: string, body?: string): Promise<string> {
    return await (await this.request(method, path, body)).text()
  }

  async #json(method: string, path: string): Promise<unknown> {
    return await (await this.request(method, path)).json()
  }
}

function appPath(app: string): string {
  return `/apps/${encodeURIComponent(app)}`
}
