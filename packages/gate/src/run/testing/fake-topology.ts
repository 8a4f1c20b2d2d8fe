import type { Capability } from '../../topology/capability.ts'
import type { Deployment, EngineName, StartRequest, Topology, TopologyName } from '../../topology/topology.ts'
import type { Phases } from '../phases.ts'

/** What a {@link FakeTopology} does other than start at once. */
export interface FakeTopologyOptions {
  readonly name?: TopologyName
  readonly engines?: readonly EngineName[]
  readonly preconditions?: Topology['preconditions']
  /** The work of the phase that starts an engine. */
  readonly engine?: (engine: EngineName, signal: AbortSignal) => Promise<void>
  readonly capabilities?: readonly Capability[]
}

/** A topology of nothing: a broker, and an engine after it. It tells what was started and ended. */
export class FakeTopology implements Topology {
  readonly name: TopologyName
  readonly engines: readonly EngineName[]
  readonly log: string[] = []
  readonly #options: FakeTopologyOptions
  started: StartRequest | undefined

  constructor(options: FakeTopologyOptions = {}) {
    this.name = options.name ?? 'process'
    this.engines = options.engines ?? ['embedded', 'flink']
    this.#options = options
  }

  async preconditions(request: StartRequest) {
    return (await this.#options.preconditions?.(request)) ?? []
  }

  start(request: StartRequest, phases: Phases): ReadonlyMap<EngineName, Promise<Deployment>> {
    this.started = request
    const thing = (name: string) => {
      this.log.push(`${name} started`)
      return { [Symbol.asyncDispose]: async () => void this.log.push(`${name} ended`) }
    }
    const broker = phases.run('broker', [], async (_, { own }) => own(thing('broker')))
    return new Map(
      request.engines.map((engine) => {
        const phase = phases.run(engine, [broker], async (_, { own, signal }) => {
          own(thing(engine))
          await this.#options.engine?.(engine, signal)
          return this.#deployment(engine, request)
        })
        return [engine, phase.made]
      }),
    )
  }

  #deployment(engine: EngineName, { app }: StartRequest): Deployment {
    return {
      facts: {
        name: `fake on ${engine}`,
        topology: this.name,
        engine,
        engineTitle: engine === 'flink' ? 'Flink' : 'the embedded engine',
        capabilities: this.#options.capabilities ?? [],
        app: app.name,
        kafka: { kind: 'in-process' },
      },
      app: {
        name: app.name,
        status: async () => ({ state: 'running', restarts: 0, checkpoints: 1 }),
        metrics: async () => 'a_b{x="1"} 2\n',
        log: async () => 'log of the app\n',
        state: async (typename, id) => [
          { name: 's', typename: 'a/b', value: new TextEncoder().encode(`${typename} ${id}`) },
        ],
        [Symbol.asyncDispose]: async () => undefined,
      },
      parts: [
        {
          name: 'worker',
          title: 'a worker',
          log: async () => 'log of the worker\n',
          kill: async () => void this.log.push('worker killed'),
        },
      ],
      deploy: async ({ name }) => {
        this.log.push(`${name} deployed`)
        return {
          name,
          status: async () => ({ state: 'failed', restarts: 1, checkpoints: 0 }),
          metrics: async () => '',
          log: async () => '',
          [Symbol.asyncDispose]: async () => void this.log.push(`${name} undeployed`),
        }
      },
    }
  }
}
