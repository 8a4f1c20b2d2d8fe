import { checkDelivered } from '../model/check-outputs.ts'
import type { Model } from '../model/model.ts'
import { Watch } from '../model/watch.ts'
import { SimProcess } from '../process.ts'
import { Violation } from '../violation.ts'
import type { World } from '../world.ts'
import { Host } from './host.ts'
import { makeJob } from './make-job.ts'

/** Nothing here damages a checkpoint or makes brokers forget: an engine that says so has done it itself. */
const NEVER: ReadonlySet<string> = new Set([
  'SF_CHECKPOINT_CORRUPT',
  'SF_CHECKPOINT_FOREIGN',
  'SF_EGRESS_AHEAD',
  'SF_EGRESS_MARKER_LOST',
])

export interface EnginesListener {
  violated(error: unknown): void
  /** No process is left. */
  noneLeft(): void
}

interface Running {
  readonly host: Host
  readonly process: SimProcess
  watch: Watch | undefined
}

/** The processes with an engine of the app in them: one as it should be, or more by mistake. */
export class Engines {
  readonly #world: World
  readonly #listener: EnginesListener
  #running: readonly Running[] = []
  #processes = 0
  /** Jobs that were made. */
  incarnations = 0
  #mortal = true

  constructor(world: World, listener: EnginesListener) {
    this.#world = world
    this.#listener = listener
  }

  get count(): number {
    return this.#running.length
  }

  /** Starts a process, also beside others. */
  start(): void {
    const { scheduler, trace, random, machines, scenario, connections, history } = this.#world
    const around = { scheduler, random: random.fork(), trace }
    const process = new SimProcess(around, random.pick(machines), `p${++this.#processes}`)
    if (this.#mortal && random.chance(scenario.deathAtRequest)) {
      process.dieAfter(Math.ceil(random.scaled(1, 1500)))
    }
    process.onDeath = () => this.#died(process)
    trace.note(process.name, 'starts')
    const violated = (error: unknown) => this.#listener.violated(error)
    const host = new Host({
      process,
      trace,
      makeJob: () => {
        const watch = new Watch({
          history,
          process,
          trace,
          mayBeLate: scenario.storage === 'object',
          violated,
          restored: ({ model }) => checkDelivered(scenario, connections.broker, model),
        })
        running.watch = watch
        return makeJob(connections, process, ++this.incarnations, watch)
      },
      failed: (error) => {
        // One that others are ahead of finds what they did, until it is told to stop.
        const late = scenario.storage === 'object' && error.code === 'SF_EGRESS_AHEAD'
        if (process.alive && NEVER.has(error.code) && !late) violated(new Violation(error.format()))
      },
      restartMs: () => random.delay(20),
      ended: () => {
        process.kill()
        this.#gone(process)
      },
    })
    const running: Running = { host, process, watch: undefined }
    this.#running = [...this.#running, running]
    host.run().catch(violated)
  }

  /** Kills one; its machine may lose power with it. */
  kill(): void {
    const { process } = this.#world.random.pick(this.#running)
    process.kill()
    this.#died(process)
  }

  /** One stands still; the result lets it go on. */
  freeze(): () => void {
    const { process } = this.#world.random.pick(this.#running)
    process.freeze()
    return () => process.thaw()
  }

  /** Stops all as on SIGTERM. */
  stop(drainMs: number): void {
    for (const { host } of this.#running) {
      host.stop(drainMs).catch((error: unknown) => this.#listener.violated(error))
    }
  }

  /** From here on none dies by itself. */
  mend(): void {
    this.#mortal = false
    for (const { process } of this.#running) {
      process.dieAfter(Number.POSITIVE_INFINITY)
      process.thaw()
    }
  }

  /** Sends again what the policy `park` has kept. */
  redrive(): void {
    for (const { host, watch } of this.#running) {
      if (host.job === undefined || watch!.model.parked.size === 0) continue
      for (const { name } of this.#world.scenario.functions) host.job.redrive('sim', name)
    }
  }

  /** Of the engines that process records. */
  models(): readonly Model[] {
    return this.#running.flatMap(({ host, watch }) => (host.job === undefined ? [] : [watch!.model]))
  }

  describe(): string {
    const states = this.#running.map(
      ({ host, process }) => `${process.name} ${host.job === undefined ? 'does not run' : 'runs'}`,
    )
    return states.length === 0 ? 'no engine' : states.join(', ')
  }

  #died(process: SimProcess): void {
    const { trace, random, scenario } = this.#world
    if (random.chance(scenario.powerLoss)) {
      const { machine } = process
      trace.note('world', 'power loss of', process.name)
      for (const other of this.#running) if (other.process.machine === machine) other.process.kill()
      machine.disk.losePower()
    }
    this.#gone(process)
  }

  #gone(process: SimProcess): void {
    const before = this.#running.length
    this.#running = this.#running.filter((other) => other.process !== process && other.process.alive)
    if (before > 0 && this.#running.length === 0) this.#listener.noneLeft()
  }
}
