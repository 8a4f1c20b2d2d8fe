import { Input } from './broker/input.ts'
import { SimBroker } from './broker/sim-broker.ts'
import { SimDisk } from './disk/sim-disk.ts'
import { Host } from './engine/host.ts'
import { type Connections, makeJob } from './engine/make-job.ts'
import { type Fault, type FaultName, faultOf } from './faults/faults.ts'
import { stateSpecs } from './functions/answer.ts'
import { FunctionServer } from './functions/function-server.ts'
import { Program } from './functions/program.ts'
import { Machine } from './machine.ts'
import { checkDelivered, checkEnd, checkVisible } from './model/check-outputs.ts'
import { History } from './model/history.ts'
import { Watch } from './model/watch.ts'
import { SimProcess } from './process.ts'
import { Random } from './random.ts'
import { drawScenario, type Scenario } from './scenario.ts'
import { Scheduler } from './scheduler.ts'
import { Trace } from './trace.ts'
import { beginTroubles, type Troubles } from './troubles.ts'
import { Violation } from './violation.ts'

/** Milliseconds after the last trouble within which everything must be worked off, beyond the longest delay. */
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
  readonly #scheduler = new Scheduler()
  readonly #trace: Trace
  readonly #random: Random
  readonly #scenario: Scenario
  readonly #machine: Machine
  readonly #connections: Connections
  readonly #history: History
  #host: Host | undefined
  #watch: Watch | undefined
  #processes = 0
  #incarnations = 0
  #phase: 'trouble' | 'recovery' | 'last' | 'over' = 'trouble'
  #violation: string | undefined

  constructor(seed: number, keepTrace: boolean, fault: Fault) {
    this.#seed = seed
    this.#trace = new Trace(this.#scheduler, keepTrace)
    const random = new Random(seed)
    const scenario = drawScenario(random.fork())
    this.#scenario = scenario
    this.#random = random.fork()
    const around = { scheduler: this.#scheduler, random: random.fork(), trace: this.#trace }
    const disk = new SimDisk(random.fork())
    disk.latency = scenario.diskLatencyMs
    this.#machine = new Machine(around, disk, 1_000_000_000_000)
    const egresses = [...scenario.exactlyOnce, ...scenario.atLeastOnce]
    const types = scenario.functions.map(({ name }) => name)
    const program = new Program(seed, { ...scenario, types, egresses })
    const input = new Input(
      { ...scenario, targets: types.slice(0, 1 + this.#random.below(types.length)) },
      random.fork(),
      this.#scheduler,
    )
    const broker = new SimBroker(around, random.fork())
    const server = new FunctionServer(seed)
    input.latency = broker.latency = server.latency = scenario.networkLatencyMs
    broker.loss = server.loss = scenario.loss
    server.poison = scenario.poison
    this.#connections = {
      scenario,
      program,
      input,
      broker,
      server,
      random: random.fork(),
      trace: this.#trace,
      fault,
    }
    this.#history = new History({
      egresses,
      specs: stateSpecs(scenario.expirations),
      latest: () => this.#machine.latest,
    })
    broker.onEnd = () => this.#guard(() => this.#checkVisible())
  }

  async run(): Promise<Outcome> {
    this.#startProcess()
    beginTroubles(this.#scenario, this.#troubles(), this.#scheduler, this.#trace, this.#random.fork())
    this.#scheduler.after(this.#scenario.troubleMs, () => this.#mend())
    try {
      await this.#scheduler.run()
    } catch (error) {
      this.#violated(error)
    }
    if (this.#violation === undefined && this.#phase !== 'over')
      this.#violation = `nothing happens any more: ${this.#stand()}`
    return {
      seed: this.#seed,
      violation: this.#violation,
      trace: this.#trace,
      steps: this.#scheduler.steps,
      virtualMs: this.#scheduler.now,
      incarnations: this.#incarnations,
      epochs: this.#history.durable.epoch,
    }
  }

  #startProcess(): void {
    const around = { scheduler: this.#scheduler, random: this.#random.fork(), trace: this.#trace }
    const process = new SimProcess(around, this.#machine, `p${++this.#processes}`)
    if (this.#phase === 'trouble' && this.#random.chance(this.#scenario.deathAtRequest)) {
      process.dieAfter(Math.ceil(this.#random.scaled(1, 600)))
    }
    process.onDeath = () => this.#died()
    this.#trace.note(process.name, 'starts')
    const host = new Host({
      process,
      trace: this.#trace,
      makeJob: () => {
        const watch = new Watch({
          history: this.#history,
          process,
          trace: this.#trace,
          violated: (error) => this.#violated(error),
          restored: ({ model }) => {
            checkDelivered(this.#scenario, this.#connections.broker, model)
            this.#checkVisible()
          },
        })
        this.#watch = watch
        return makeJob(this.#connections, process, ++this.#incarnations, watch)
      },
      restartMs: () => this.#random.delay(20),
      ended: () => this.#exited(process),
    })
    this.#host = host
    host.run().catch((error) => this.#violated(error))
  }

  #checkVisible(): void {
    checkVisible(this.#scenario, this.#connections.broker, this.#watch!.model)
  }

  /** A process has ended by itself. */
  #exited(process: SimProcess): void {
    process.kill()
    if (this.#phase === 'last') {
      this.#phase = 'over'
      this.#guard(() => checkEnd(this.#connections, this.#history.durable.model))
      this.#scheduler.end()
      return
    }
    this.#scheduler.after(this.#random.delay(20), () => this.#startProcess())
  }

  #died(): void {
    if (this.#random.chance(this.#scenario.powerLoss)) {
      this.#trace.note('world', 'power loss')
      this.#machine.disk.losePower()
    }
    this.#scheduler.after(this.#random.delay(20), () => this.#startProcess())
  }

  #troubles(): Troubles {
    const { broker, server } = this.#connections
    const { disk } = this.#machine
    return {
      crash: () => {
        const process = this.#host!.process
        if (process.alive) {
          process.kill()
          this.#died()
        }
        return undefined
      },
      stop: (random) => {
        const host = this.#host!
        if (host.process.alive) host.stop(random.delay(20)).catch((error) => this.#violated(error))
        return undefined
      },
      clock: (random) => {
        const sign = random.chance(0.5) ? 1 : -1
        this.#machine.setClock(sign * Math.floor(random.scaled(1, 5000)))
        return undefined
      },
      'disk-full': () => {
        disk.mode = 'full'
        return () => {
          disk.mode = 'well'
        }
      },
      'disk-failing': () => {
        disk.mode = 'failing'
        return () => {
          disk.mode = 'well'
        }
      },
      'disk-slow': () => {
        disk.latency = this.#scenario.diskLatencyMs * 20
        return () => {
          disk.latency = this.#scenario.diskLatencyMs
        }
      },
      'broker-away': () => {
        broker.available = false
        return () => {
          broker.available = true
        }
      },
      'functions-away': () => {
        server.available = false
        return () => {
          server.available = true
        }
      },
    }
  }

  /** From here on nothing fails any more. */
  #mend(): void {
    this.#trace.note('world', 'no more troubles')
    const { broker, server } = this.#connections
    this.#phase = 'recovery'
    this.#machine.disk.mode = 'well'
    this.#machine.disk.latency = this.#scenario.diskLatencyMs
    broker.available = server.available = true
    // A transaction that takes longer than its timeout would never end.
    broker.latency = Math.min(broker.latency, this.#scenario.transactionTimeoutMs / 200)
    broker.loss = server.loss = server.poison = 0
    this.#host!.process.dieAfter(Number.POSITIVE_INFINITY)
    this.#scheduler.after(PATIENCE_MS, () => this.#violated(new Violation(`no progress: ${this.#stand()}`)))
    const look = () => {
      this.#redrive()
      if (this.#settled()) this.#stopForGood()
      else this.#scheduler.after(20, look)
    }
    look()
  }

  #redrive(): void {
    const job = this.#host!.job
    if (job === undefined || this.#watch!.model.parked.size === 0) return
    for (const { name } of this.#scenario.functions) job.redrive('sim', name)
  }

  #settled(): boolean {
    const { input, broker } = this.#connections
    const { model } = this.#watch!
    if (this.#host!.job === undefined || model.waiting > 0 || model.delayed.size > 0) return false
    for (const [partition, records] of input.partitions) {
      if ((model.taken.get(partition) ?? 0) < records.length) return false
    }
    return this.#scenario.exactlyOnce.every(
      (egress) => broker.output(egress).visible.length === model.emitted.get(egress)!.length,
    )
  }

  #stopForGood(): void {
    this.#phase = 'last'
    this.#host!.stop(1000).catch((error) => this.#violated(error))
  }

  #stand(): string {
    const { model } = this.#watch!
    const running = this.#host?.job !== undefined
    return `phase ${this.#phase}, job ${running ? 'runs' : 'does not run'}, ${model.waiting} messages and ${model.delayed.size} delayed messages wait, ${model.parked.size} addresses are parked`
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
    this.#scheduler.end()
  }
}
