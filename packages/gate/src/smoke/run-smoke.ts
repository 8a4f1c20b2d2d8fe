import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, OutgoingRecord } from '../channel/channel.ts'
import { CommandGenerator } from './command-generator.ts'
import type { SourceCommand } from './gen/smoke_pb.ts'
import {
  type SmokeTopics,
  SourceCommandType,
  smokeTopics,
  VerificationResultType,
  verify,
} from './messages.ts'
import { SmokeModel } from './model.ts'
import { SMOKE_DEFAULTS, type SmokeParameters } from './parameters.ts'
import type { SmokeReport } from './smoke-report.ts'
import { VerdictBook } from './verdict.ts'

/** A failure to inject while commands are sent. */
export interface SmokeFault {
  /** For the report: `worker killed`. */
  readonly name: string
  /** After which share of the trees, 0 to 1. */
  readonly at: number
  /** Breaks something and mends it again; commands go on being sent meanwhile. */
  inject(): Promise<void>
}

/** Options of {@link runSmoke}. */
export interface SmokeOptions {
  readonly channel: Channel
  readonly seed: number
  /** Whether every record of an egress is there exactly once, also after a failure. */
  readonly exactlyOnce: boolean
  readonly topics?: SmokeTopics
  readonly parameters?: Partial<SmokeParameters>
  readonly faults?: readonly SmokeFault[]
  /** Milliseconds for everything; default 120000. */
  readonly timeoutMs?: number
  /** Milliseconds after which every instance is asked again; default 2000. */
  readonly askAgainMs?: number
}

/** Portions that a stream is sent in, with a question after each. */
const PORTIONS = 12
/** Unanswered questions of the stream from which no more is sent: a failure then meets a stream that is under way. */
const LEAD = 2
const POLL_MS = 5

/**
 * Sends random command trees and asks the instances what they counted until all say what the model says (contract 8.3). It
 * ends at once when one has counted too much.
 *
 * @returns the report, whatever the verdict: see `checkSmoke`
 * @throws StatefunError what the channel throws; what a fault throws
 */
export async function runSmoke(options: SmokeOptions): Promise<SmokeReport> {
  const run = new SmokeRun(options)
  await run.open()
  try {
    await run.stream()
    await run.settle()
    return run.report()
  } finally {
    await run.close()
  }
}

class SmokeRun {
  readonly #options: SmokeOptions
  readonly #topics: SmokeTopics
  readonly #parameters: SmokeParameters
  readonly #model: SmokeModel
  readonly #book: VerdictBook
  readonly #started = performance.now()
  readonly #deadline: number
  readonly #ends: (() => Promise<void>)[] = []
  readonly #injections: Promise<void>[] = []
  readonly #injected: string[] = []
  #fault: { readonly error: unknown } | undefined
  #rounds = 0

  constructor(options: SmokeOptions) {
    this.#options = options
    this.#topics = options.topics ?? smokeTopics()
    this.#parameters = { ...SMOKE_DEFAULTS, ...options.parameters }
    this.#model = new SmokeModel(this.#parameters)
    this.#book = new VerdictBook(this.#model.counts)
    this.#deadline = this.#started + (options.timeoutMs ?? 120_000)
  }

  async open(): Promise<void> {
    const { channel } = this.#options
    this.#ends.push(
      await channel.receive(this.#topics.verifications, ({ value }) =>
        this.#book.report(VerificationResultType.deserialize(value)),
      ),
      await channel.receive(this.#topics.discarded, ({ key }) => this.#book.discard(Number(key))),
    )
  }

  async stream(): Promise<void> {
    const { messageCount, firstInstance, numberOfFunctionInstances: instances } = this.#parameters
    const generator = new CommandGenerator(this.#options.seed, this.#parameters)
    const faults = [...(this.#options.faults ?? [])].sort((a, b) => a.at - b.at)
    for (let portion = 1, sent = 0; portion <= PORTIONS && !this.#over; portion++) {
      const trees: SourceCommand[] = []
      for (; sent < Math.round((messageCount * portion) / PORTIONS); sent++) {
        const tree = generator.next()
        this.#model.apply(tree)
        trees.push(tree)
      }
      await this.#send([...trees, this.#question(firstInstance + ((portion * 7919) % instances))])
      while (faults[0] !== undefined && faults[0].at <= portion / PORTIONS) this.#inject(faults.shift()!)
      await this.#until(() => this.#book.answers >= this.#book.asked - LEAD)
    }
    await this.#until(() => this.#injected.length === (this.#options.faults ?? []).length)
  }

  async settle(): Promise<void> {
    const { discarded } = this.#model
    const expected = [...discarded.values()].reduce((sum, each) => sum + each, 0)
    while (!this.#over && !this.#book.settled) await this.#round()
    await this.#until(() => this.#book.discards >= expected)
    // What comes too late, or once more, is seen by another round: it is answered after everything before it.
    if (!this.#over) await this.#round()
    await this.#until(() => this.#book.answers >= this.#book.asked && this.#book.settled)
  }

  report(): SmokeReport {
    const { seed, exactlyOnce } = this.#options
    const instances = this.#book.verdicts(this.#model.discarded, exactlyOnce)
    return {
      seed,
      exactlyOnce,
      parameters: this.#parameters,
      passed: instances.every(({ verdict }) => verdict === 'exact'),
      timedOut: this.#timedOut,
      instances,
      messages: this.#model.messages,
      cancelled: this.#model.cancelled,
      injected: this.#injected,
      rounds: this.#rounds,
      milliseconds: performance.now() - this.#started,
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ends.map((end) => end()), ...this.#injections])
  }

  get #timedOut(): boolean {
    return performance.now() > this.#deadline
  }

  get #over(): boolean {
    if (this.#fault !== undefined) throw this.#fault.error
    return this.#book.overCounted !== undefined || this.#timedOut
  }

  /** Asks every instance and waits for the answers, not longer than until it is time to ask again. */
  async #round(): Promise<void> {
    const again = performance.now() + (this.#options.askAgainMs ?? 2_000)
    this.#rounds++
    this.#book.beginRound()
    await this.#send([...this.#model.counts.keys()].map((id) => this.#question(id)))
    await this.#until(() => this.#book.answers >= this.#book.asked || performance.now() > again)
  }

  #question(id: number): SourceCommand {
    this.#book.ask(id)
    return verify(id, this.#model.counts.get(id)!)
  }

  async #send(trees: readonly SourceCommand[]): Promise<void> {
    await this.#options.channel.send(
      trees.map((tree): OutgoingRecord => {
        const value = SourceCommandType.serialize(tree)
        return { topic: this.#topics.commands, key: String(tree.target), value }
      }),
    )
  }

  #inject(fault: SmokeFault): void {
    const injection = fault.inject().then(
      () => void this.#injected.push(fault.name),
      (error: unknown) => {
        this.#fault ??= { error }
      },
    )
    this.#injections.push(injection)
  }

  /** Waits for a condition, or the end of the run. */
  async #until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.#over) await sleep(POLL_MS)
  }
}
