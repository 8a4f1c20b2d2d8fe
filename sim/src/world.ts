import { Input } from './broker/input.ts'
import { SimBroker } from './broker/sim-broker.ts'
import { SimBucket } from './bucket/sim-bucket.ts'
import { SimDisk } from './disk/sim-disk.ts'
import type { Connections } from './engine/make-job.ts'
import type { Fault } from './faults/faults.ts'
import { stateSpecs } from './functions/answer.ts'
import { FunctionServer } from './functions/function-server.ts'
import { Program } from './functions/program.ts'
import { Machine } from './machine.ts'
import { History } from './model/history.ts'
import { Random } from './random.ts'
import { drawScenario, type Scenario } from './scenario.ts'
import { Scheduler } from './scheduler.ts'
import { Trace } from './trace.ts'

/** Where the wall clocks begin. */
const EPOCH_MS = 1_000_000_000_000

/** Everything around the engines of one simulation. */
export class World {
  readonly scheduler = new Scheduler()
  readonly trace: Trace
  readonly random: Random
  readonly scenario: Scenario
  /** Engines on a file system share one; with a bucket there are two. */
  readonly machines: readonly Machine[]
  readonly connections: Connections
  readonly history: History

  constructor(seed: number, keepTrace: boolean, fault: Fault) {
    this.trace = new Trace(this.scheduler, keepTrace)
    const random = new Random(seed)
    this.random = random.fork()
    const scenario = drawScenario(random.fork())
    this.scenario = scenario
    const around = { scheduler: this.scheduler, random: random.fork(), trace: this.trace }
    this.machines = Array.from({ length: scenario.storage === 'file' ? 1 : 2 }, () => {
      return new Machine(around, new SimDisk(random.fork()), EPOCH_MS + this.random.below(100))
    })
    const egresses = [...scenario.exactlyOnce, ...scenario.atLeastOnce]
    const types = scenario.functions.map(({ name }) => name)
    const targets = types.slice(0, 1 + this.random.below(types.length))
    this.connections = {
      scenario,
      program: new Program(seed, { ...scenario, types, egresses }),
      input: new Input({ ...scenario, targets }, random.fork(), this.scheduler),
      broker: new SimBroker(around, random.fork()),
      bucket: new SimBucket(random.fork()),
      server: new FunctionServer(seed),
      random: random.fork(),
      trace: this.trace,
      fault,
    }
    this.history = new History({
      egresses,
      specs: stateSpecs(scenario.expirations),
      latest: () => Math.max(...this.machines.map(({ latest }) => latest)),
    })
    const { input, broker, bucket, server } = this.connections
    input.latency = broker.latency = server.latency = scenario.networkLatencyMs
    for (const { disk } of this.machines) disk.latency = scenario.diskLatencyMs
    bucket.latency = scenario.bucketLatencyMs
    broker.loss = server.loss = scenario.loss
    bucket.loss = scenario.loss / 3
    server.poison = scenario.poison
  }

  /** From here on nothing fails any more. */
  mend(): void {
    const { broker, bucket, server } = this.connections
    for (const { disk } of this.machines) {
      disk.mode = 'well'
      disk.latency = this.scenario.diskLatencyMs
    }
    broker.available = bucket.available = server.available = true
    broker.loss = bucket.loss = server.loss = server.poison = 0
    // A transaction that takes longer than its timeout would never end.
    broker.latency = Math.min(broker.latency, this.scenario.transactionTimeoutMs / 2000)
  }
}
