import type { IncomingMessage, ServerResponse } from 'node:http'
import { nearestName, StatefunError } from '@statefun/protocol'
import type { RunEvents } from '../run/run-events.ts'
import type { Deployment, DeployOptions, Part, RunningApp } from '../topology/topology.ts'
import { type ControlledPart, FAULT_CHANGES, FAULTS, type Fault } from './control-types.ts'

/** A state on its way through JSON. */
export interface StateJson {
  readonly name: string
  readonly typename: string
  readonly valueBase64: string
}

/**
 * What the control server offers of one deployment, below its name:
 *
 * - `GET /parts`, `GET /parts/<part>/log`, `POST /parts/<part>/kill|start|pause|resume`
 * - `GET /apps/<app>/status|metrics|log`, `GET /apps/<app>/state/<namespace>/<name>/<id>`
 * - `POST /apps` deploys a second app, `DELETE /apps/<app>` ends it
 * - `POST /notes` with `{"text"}` writes to the timeline
 * - `POST /shared/<name>` with `{"value"}` gives a value to the tests of all deployments, `GET /shared/<name>` takes it
 * - in-process topics and streams, where the deployment has them
 */
export class DeploymentRoutes {
  readonly #deployment: Deployment
  readonly #events: RunEvents
  readonly #shared: Map<string, unknown>
  readonly #apps = new Map<string, RunningApp>()

  /** @param shared the same for all deployments of a run */
  constructor(deployment: Deployment, events: RunEvents, shared: Map<string, unknown>) {
    this.#deployment = deployment
    this.#events = events
    this.#shared = shared
    this.#apps.set(deployment.app.name, deployment.app)
  }

  /** Ends the apps that tests deployed and left. */
  async close(): Promise<void> {
    const second = [...this.#apps.values()].filter((app) => app !== this.#deployment.app)
    this.#apps.clear()
    await Promise.all(second.map((app) => app[Symbol.asyncDispose]()))
  }

  /** The deployment's own paths; false when it has none for the request. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    return (await this.#deployment.serve?.(request, response)) ?? false
  }

  /** @returns text, or what goes out as JSON */
  async answer(method: string, path: string, body: unknown): Promise<unknown> {
    const [root, name, ...more] = path.split('?')[0]?.split('/').slice(1).map(decodeURIComponent) ?? []
    switch (`${method} ${root}`) {
      case 'GET parts':
        if (name === undefined) return this.#deployment.parts.map(factsOf)
        if (more[0] === 'log') return await this.#part(name).log()
        break
      case 'POST parts':
        if (name !== undefined && isFault(more[0])) return await this.#fault(this.#part(name), more[0])
        break
      case 'POST apps':
        return await this.#deploy(body as DeployOptions)
      case 'DELETE apps':
        if (name !== undefined) return await this.#undeploy(name)
        break
      case 'GET apps':
        if (name !== undefined) return await this.#look(this.#app(name), more)
        break
      case 'POST shared':
        if (name !== undefined) return { value: this.#share(name, (body as { value?: unknown }).value) }
        break
      case 'GET shared':
        if (name !== undefined) return { value: this.#shared.get(name) }
        break
      case 'POST notes':
        return this.#events.emit({
          type: 'note',
          level: 'info',
          deployment: this.#deployment.facts.name,
          text: String((body as { text?: unknown }).text),
        })
    }
    throw new StatefunError('SF_GATE_CONTROL_PATH', `the control server has no ${method} ${path}`)
  }

  /** The first value of a name stays, whoever gave it. */
  #share(name: string, value: unknown): unknown {
    if (!this.#shared.has(name)) this.#shared.set(name, value)
    return this.#shared.get(name)
  }

  async #look(app: RunningApp, [what, ...rest]: readonly string[]): Promise<unknown> {
    switch (what) {
      case 'status':
        return await app.status()
      case 'metrics':
        return await app.metrics()
      case 'log':
        return await app.log()
      case 'state': {
        if (app.state === undefined)
          throw new StatefunError('SF_GATE_LACKS', `state of "${app.name}" cannot be read`, {
            hint: "let the test say so: meta: { needs: ['read-state'] }",
          })
        const [namespace, name, ...id] = rest
        const states = await app.state(`${namespace}/${name}`, id.join('/'))
        return states.map(
          (state): StateJson => ({
            name: state.name,
            typename: state.typename,
            valueBase64: Buffer.from(state.value).toString('base64'),
          }),
        )
      }
    }
    throw new StatefunError('SF_GATE_CONTROL_PATH', `the control server shows no ${what} of an app`)
  }

  async #fault(part: Part, fault: Fault): Promise<void> {
    const act = part[fault]
    if (act === undefined) {
      throw new StatefunError('SF_GATE_LACKS', `"${part.name}" is no part that a test can ${fault}`, {
        where: part.title,
        hint: "let the test say what it needs, such as meta: { needs: ['worker-fault'] }",
      })
    }
    await act.call(part)
    this.#events.emit({
      type: 'fault',
      deployment: this.#deployment.facts.name,
      part: part.name,
      change: FAULT_CHANGES[fault],
    })
  }

  async #deploy(options: DeployOptions): Promise<void> {
    if (this.#apps.has(options.name)) {
      throw new StatefunError('SF_GATE_APP_EXISTS', `there is an app "${options.name}" already`)
    }
    if (this.#deployment.deploy === undefined) {
      throw new StatefunError('SF_GATE_LACKS', 'this deployment cannot run a second app', {
        hint: "let the test say so: meta: { needs: ['second-app'] }",
      })
    }
    this.#apps.set(options.name, await this.#deployment.deploy(options))
  }

  async #undeploy(name: string): Promise<void> {
    const app = this.#app(name)
    if (app === this.#deployment.app)
      throw new StatefunError('SF_GATE_APP', 'the app under test ends with the run')
    this.#apps.delete(name)
    await app[Symbol.asyncDispose]()
  }

  #app(name: string): RunningApp {
    return this.#apps.get(name) ?? this.#unknown('app', name, [...this.#apps.keys()])
  }

  #part(name: string): Part {
    const { parts } = this.#deployment
    return (
      parts.find((part) => part.name === name) ??
      this.#unknown(
        'part',
        name,
        parts.map((part) => part.name),
      )
    )
  }

  #unknown(what: string, name: string, known: readonly string[]): never {
    const nearest = nearestName(name, known)
    throw new StatefunError('SF_GATE_UNKNOWN', `${this.#deployment.facts.name} has no ${what} "${name}"`, {
      hint: nearest === undefined ? `it has ${known.join(', ')}` : `did you mean "${nearest}"?`,
    })
  }
}

/** A part as data. */
export function factsOf(part: Part): ControlledPart {
  const { name, title, reach, logPath } = part
  return {
    name,
    title,
    ...(reach === undefined ? {} : { reach }),
    ...(logPath === undefined ? {} : { logPath }),
    can: FAULTS.filter((fault) => part[fault] !== undefined),
  }
}

function isFault(text: string | undefined): text is Fault {
  return FAULTS.some((fault) => fault === text)
}
