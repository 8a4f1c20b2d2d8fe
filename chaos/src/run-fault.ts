import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { type KafkaBroker, type LocalStack, seededRandom } from '@statefun/gate'
import { StatefunError } from '@statefun/protocol'
import { checkResults, isExact, type Result, type Verdict } from './check/check-results.ts'
import { checkStates } from './check/check-states.ts'
import { readWithKafka } from './check/read-with-kafka.ts'
import { Ends } from './ends.ts'
import { writeEvidence } from './evidence.ts'
import type { Fault } from './fault.ts'
import type { Progress } from './report/progress.ts'
import { type Delivery, openStage, type Stage } from './stage.ts'
import { PacedWriter } from './stream/paced-writer.ts'
import type { Plan } from './stream/plan.ts'
import { Results } from './stream/results.ts'

export interface RunOptions {
  /** Shared by the runs; a fault may kill it and brings it back. */
  readonly kafka: KafkaBroker
  /** The S3 for the runs that need one, started with the first of them. */
  readonly localStack: () => Promise<LocalStack>
  readonly plan: Plan
  /** Records per second. */
  readonly rate: number
  /** How often the fault is injected. */
  readonly times: number
  readonly seed: number
  readonly delivery: Delivery
  /** For logs, checkpoints and evidence of this run. */
  readonly folder: string
  readonly progress: Progress
  /** Of the whole program; the run takes its own things out again. */
  readonly ends: Ends
}

/** What came of one fault. */
export interface Outcome {
  readonly fault: string
  readonly injected: number
  /** Processes of the engine that were started, the first one included. */
  readonly engineStarts: number
  readonly records: number
  readonly verdict: Verdict
  /** States that are not what they have to be, in words. */
  readonly states: readonly string[]
  /** From the end of each injection to the next result that became visible. */
  readonly recoverySeconds: readonly number[]
  readonly seconds: number
  /** What broke the run off. */
  readonly error: StatefunError | undefined
}

const PARTITIONS_IN = 3
const PARTITIONS_OUT = 2
const RECOVERY_TIMEOUT_MS = 60_000
const COMPLETE_TIMEOUT_MS = 60_000
const DRAIN_TIMEOUT_MS = 20_000
const STATES_TIMEOUT_MS = 15_000

/** Whether the fault did no harm. */
export function passed({ error, verdict, states }: Outcome): boolean {
  return error === undefined && isExact(verdict) && states.length === 0
}

/** Sends a stream through an engine, injects the fault into it several times, and checks every effect. Never rejects. */
export async function runFault(fault: Fault, options: RunOptions): Promise<Outcome> {
  const began = performance.now()
  const run = new FaultRun(fault, options)
  let error: StatefunError | undefined
  try {
    await run.go()
  } catch (cause) {
    error = StatefunError.from(cause)
  }
  const outcome: Outcome = { ...run.outcome(), seconds: (performance.now() - began) / 1000, error }
  if (!passed(outcome)) await writeEvidence(options.folder, outcome, run.lastResults, options.kafka.logPath)
  try {
    await run.close()
    return outcome
  } catch (cause) {
    return { ...outcome, error: outcome.error ?? StatefunError.from(cause) }
  }
}

class FaultRun {
  readonly #fault: Fault
  readonly #options: RunOptions
  readonly #ends = new Ends()
  readonly #recoveries: number[] = []
  #injected = 0
  #stage: Stage | undefined
  #writer: PacedWriter | undefined
  #results: Results | undefined
  #final: ReadonlyMap<string, readonly Result[]> | undefined
  #states: readonly string[] = []

  constructor(fault: Fault, options: RunOptions) {
    this.#fault = fault
    this.#options = options
    options.ends.add(() => this.close())
  }

  get lastResults(): readonly string[] {
    return this.#results?.last ?? []
  }

  async go(): Promise<void> {
    const { kafka, plan, rate, times, seed, delivery, folder, progress, localStack } = this.#options
    progress.begin(this.#fault.name, times, () => ({
      injected: this.#injected,
      sent: this.#writer?.sent ?? 0,
      visible: this.#results?.distinct ?? 0,
    }))
    await mkdir(folder, { recursive: true })
    if (kafka.pid === undefined) await kafka.restart()
    const id = randomUUID().slice(0, 8)
    const app = `chaos-${this.#fault.name}-${id}`
    const [topic, resultsTopic] = [`${app}-in`, `${app}-out`]
    await kafka.createTopic(topic, { partitions: PARTITIONS_IN })
    await kafka.createTopic(resultsTopic, { partitions: PARTITIONS_OUT })
    const { bootstrap } = kafka
    const results = await Results.open({ bootstrap, topic: resultsTopic, partitions: PARTITIONS_OUT })
    this.#results = results
    this.#ends.add(() => results.close())
    const stage = await openStage(this.#fault.setting, {
      app,
      delivery,
      kafka,
      localStack,
      topic,
      results: resultsTopic,
      folder,
      random: seededRandom(seed, this.#fault.name),
      ends: this.#ends,
      note: (text) => progress.note(text),
    })
    this.#stage = stage
    const writer = await PacedWriter.open({ bootstrap, topic, plan, rate })
    this.#ends.add(() => writer.close())
    this.#writer = writer
    for (let round = 0; round < times; round++) await this.#round(round, stage, writer, results)
    await writer.finish()
    await this.#settle(stage, results)
  }

  outcome(): Omit<Outcome, 'seconds' | 'error'> {
    const { plan } = this.#options
    return {
      fault: this.#fault.name,
      injected: this.#injected,
      engineStarts: this.#stage?.engine.starts ?? 0,
      records: plan.records,
      verdict: checkResults(plan, this.#final ?? this.#results?.byKey ?? new Map()),
      states: this.#states,
      recoverySeconds: this.#recoveries,
    }
  }

  close(): Promise<void> {
    return this.#ends[Symbol.asyncDispose]()
  }

  /**
   * One injection at a random moment of its part of the stream. The part's last records are kept back until the fault is
   * over, so that there is a next result in any case.
   */
  async #round(round: number, stage: Stage, writer: PacedWriter, results: Results): Promise<void> {
    const { plan, times, progress } = this.#options
    const part = plan.records / (times + 1)
    const at = (share: number) => Math.floor((round + share) * part)
    // An engine that is hit over and over before it gets anywhere shows less: it may come into its stride in most rounds.
    if (stage.random.chance(3 / 4)) await results.reached(at(0), RECOVERY_TIMEOUT_MS)
    writer.allow(at(0.8))
    await writer.reached(at(stage.random.between(0.1, 0.6)))
    this.#injected++
    await this.#fault.inject(stage, round)
    const over = performance.now()
    writer.allow(at(1))
    const seen = await results.next(RECOVERY_TIMEOUT_MS, `the end of injection ${round + 1}`)
    const seconds = (seen - over) / 1000
    this.#recoveries.push(seconds)
    progress.note(`results again after ${seconds.toFixed(2)} s`)
  }

  /**
   * Waits for the last result, kills the engine once more, looks at its states, ends it in order and reads what is left: with
   * nobody at work, what can be read then is all there will ever be. The verdict is about what Apache Kafka's consumer reads.
   */
  async #settle({ engine, note }: Stage, results: Results): Promise<void> {
    const { plan } = this.#options
    // What is lost will be reported as such.
    await results.reached(plan.records, COMPLETE_TIMEOUT_MS).catch((error: unknown) => note(String(error)))
    await engine.kill()
    this.#states = await checkStates(() => engine.admin(), plan, STATES_TIMEOUT_MS)
    await engine.stop()
    const [crashed] = engine.crashes
    if (crashed !== undefined) {
      throw new StatefunError('SF_CHAOS_CRASHED', 'the engine ended by an exception that nobody caught', {
        where: crashed.logPath,
        excerpt: crashed.logTail(20),
      })
    }
    await results.drained(DRAIN_TIMEOUT_MS)
    this.#final = await readWithKafka(this.#options.kafka.bootstrap, results.topic)
    const differing = [...this.#final].find(
      ([key, found]) => !isDeepStrictEqual(found, results.byKey.get(key)),
    )
    if (differing !== undefined) {
      throw new StatefunError(
        'SF_CHAOS_READERS',
        `what became visible for key ${differing[0]} is not what Apache Kafka's consumer reads`,
      )
    }
  }
}
