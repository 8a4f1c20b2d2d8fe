import { Engines } from './engine/engines.ts'
import { type Fault, type FaultName, faultOf } from './faults/faults.ts'
import { checkEnd, checkVisible, isComplete } from './model/check-outputs.ts'
import type { Trace } from './trace.ts'
import { beginTroubles, troublesOf } from './troubles.ts'
import { Violation } from './violation.ts'
import { World } from './world.ts'

/** Milliseconds after the last trouble within which everything must be worked off. */
const PATIENCE_MS = 60_000

/** How a simulation went. */
export interface Outcome {
  readonly seed: number
  /** What did not hold; undefined when everything did. */
  readonly violation: string | undefined
  readonly trace: Trace
  readonly steps: number
  readonly virtualMs: number
  readonly incarnations: number
  readonly epochs: number
}

export interface SimulateOptions {
  /** Whether the whole trace is kept, not only its end. */
  readonly keepTrace?: boolean
  readonly fault?: FaultName | undefined
}

/** Runs one seed from beginning to end. One at a time in a thread: a fault may change what all simulations share. */
export async function simulate(seed: number, options: SimulateOptions = {}): Promise<Outcome> {
  const fault = faultOf(options.fault)
  const restore = fault.patch?.()
  try {
    return await new Simulation(seed, options.keepTrace ?? false, fault).run()
  } finally {
    restore?.()
  }
}

class Simulation {
  readonly #seed: number
  readonly #world: World
  readonly #engines: Engines
  #phase: 'trouble' | 'recovery' | 'stopping' | 'over' = 'trouble'
  #violation: string | undefined

  constructor(seed: number, keepTrace: boolean, fault: Fault) {
    this.#seed = seed
    this.#world = new World(seed, keepTrace, fault)
    this.#engines = new Engines(this.#world, {
      violated: (error) => this.#violated(error),
      noneLeft: () => this.#noneLeft(),
    })
    const { connections, scenario, history } = this.#world
    connections.broker.onEnd = () => {
      this.#guard(() => checkVisible(scenario, connections.broker, history.durable.model))
    }
  }

  async run(): Promise<Outcome> {
    const { scheduler, trace, scenario, history, random } = this.#world
    this.#engines.start()
    beginTroubles(scenario, troublesOf(this.#world, this.#engines), scheduler, trace, random.fork())
    scheduler.after(scenario.troubleMs, () => this.#mend())
    scheduler.after(scenario.troubleMs + PATIENCE_MS, () => {
      this.#violated(new Violation(`no progress: ${this.#stand()}`))
    })
    try {
      await scheduler.run()
    } catch (error) {
      this.#violated(error)
    }
    return {
      seed: this.#seed,
      violation: this.#violation,
      trace,
      steps: scheduler.steps,
      virtualMs: scheduler.now,
      incarnations: this.#engines.incarnations,
      epochs: history.durable.epoch,
    }
  }

  #mend(): void {
    this.#world.trace.note('world', 'no more troubles')
    this.#phase = 'recovery'
    this.#world.mend()
    this.#engines.mend()
    this.#look()
  }

  /** Lets the engines go on until one has worked everything off, then stops them. */
  #look(): void {
    if (this.#phase !== 'recovery') return
    this.#engines.redrive()
    const { connections } = this.#world
    if (!this.#engines.models().some((model) => isComplete(connections, model))) {
      this.#world.scheduler.after(20, () => this.#look())
      return
    }
    this.#phase = 'stopping'
    this.#engines.stop(1000)
  }

  #noneLeft(): void {
    const { connections, history, scheduler, random } = this.#world
    if (this.#phase === 'stopping') {
      if (isComplete(connections, history.durable.model)) {
        this.#phase = 'over'
        this.#guard(() => checkEnd(connections, history.durable.model))
        scheduler.end()
        return
      }
      // It was one that another engine had taken over from.
      this.#phase = 'recovery'
      scheduler.after(20, () => this.#look())
    }
    scheduler.after(random.delay(20), () => this.#engines.start())
  }

  #stand(): string {
    const waits = (this.#engines.models().at(-1) ?? this.#world.history.durable.model).describe()
    return `phase ${this.#phase}; ${this.#engines.describe()}; ${waits}`
  }

  #guard(check: () => void): void {
    try {
      check()
    } catch (error) {
      this.#violated(error)
    }
  }

  #violated(error: unknown): void {
    this.#violation ??= error instanceof Violation ? error.message : String((error as Error).stack ?? error)
    this.#world.scheduler.end()
  }
}
