import { StatefunError } from '@statefun/protocol'
import { ControlServer } from '../../control/control-server.ts'
import { factsOf } from '../../control/deployment-routes.ts'
import type { DeploymentAccess } from '../../topology/deployment-access.ts'
import type { Deployment, EngineName, StartRequest, Topology } from '../../topology/topology.ts'
import { Phases } from '../phases.ts'
import type { RunEvents } from '../run-events.ts'
import type { KeptStage, Stage } from './stage.ts'

/** A stage whose parts this process holds. */
export class LocalStage implements Stage {
  readonly deployments: ReadonlyMap<EngineName, Promise<DeploymentAccess>>
  readonly lost: Promise<void>
  /** The control server asked for the end. */
  readonly stopAsked: Promise<void>
  readonly #events: RunEvents
  readonly #abort = new AbortController()
  readonly #phases: Phases
  readonly #control: ControlServer
  readonly #listening: Promise<void>
  #stopping: Promise<void> | undefined

  constructor(topology: Topology, request: StartRequest, events: RunEvents) {
    this.#events = events
    this.#phases = new Phases(events, this.#abort.signal)
    const asked = Promise.withResolvers<void>()
    this.stopAsked = asked.promise
    this.lost = Promise.withResolvers<void>().promise
    this.#control = new ControlServer(events, asked.resolve)
    this.#listening = this.#control.listen()
    const started = topology.start(request, this.#phases)
    this.deployments = new Map(
      [...started].map(([engine, deployment]) => [engine, this.#serve(engine, deployment)]),
    )
    // Whoever waits for a deployment hears of its failure; nobody may wait.
    for (const deployment of this.deployments.values()) deployment.catch(() => undefined)
    this.#listening.catch(() => undefined)
  }

  async #serve(engine: EngineName, starting: Promise<Deployment>): Promise<DeploymentAccess> {
    try {
      const [deployment] = await Promise.all([starting, this.#listening])
      const access = { ...deployment.facts, control: this.#control.add(deployment) }
      this.#events.emit({
        type: 'deployment-ready',
        deployment: access.name,
        engine,
        engineTitle: access.engineTitle,
        parts: deployment.parts.map((part) => {
          const { can: _, ...facts } = factsOf(part)
          return facts
        }),
      })
      return access
    } catch (cause) {
      const error = StatefunError.from(cause)
      if (!this.#abort.signal.aborted)
        this.#events.emit({ type: 'deployment-failed', engine, error: error.format() })
      throw error
    }
  }

  async keep(): Promise<KeptStage> {
    await this.#listening
    return { pid: process.pid, url: this.#control.url, token: this.#control.token }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#abort.abort(new StatefunError('SF_GATE_INTERRUPTED', 'the run is over'))
    this.#events.emit({ type: 'phase-begin', phase: 'stop', after: [] })
    const began = performance.now()
    await this.#control[Symbol.asyncDispose]()
    await this.#phases.dispose()
    this.#events.emit({ type: 'phase-end', phase: 'stop', seconds: (performance.now() - began) / 1000 })
  }
}
