import { backoffMs, type Clock, FENCED, type Marker, type Publisher } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { SessionError, type TransactionSession } from './transaction-session.ts'

/** Before a repetition of the same call: the end of the transaction before it takes a moment. */
const STEP_BACKOFF_MS = { first: 1, most: 500 } as const

/** Trouble shorter than this is normal and not worth a line in the log. */
const QUIET_MS = 1000

/**
 * How long a fenced engine leaves a newer one to its claim before it fences that one in turn: the first time, and at most. It
 * doubles with each fencing, until there was none for a while: on a machine that is short of time the newer one wins, too.
 */
const PATIENCE_MS = { first: 1000, most: 8000, forgottenAfter: 60_000 } as const

/** What a claim names where nothing was published, or nobody remembers. */
const NOTHING = { lineage: '', epoch: 0 } as const

/** What a {@link TransactionDriver} works with. Durations are milliseconds. */
export interface TransactionDriverOptions {
  /** The egress id, for messages. */
  readonly egress: string
  readonly session: TransactionSession
  readonly clock: Pick<Clock, 'after' | 'monotonic'>
  /** Hears once when trouble begins and once when it is over. */
  readonly trouble: { began(message: string): void; ended(message: string): void }
  /** How long {@link TransactionDriver.open} tries. */
  readonly startTimeoutMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  /** Hears that the broker ended the transaction of an epoch at its timeout: for how many times in a row, from 1 up. */
  readonly timedOut?: (epoch: number, times: number) => void
  /** From 0 up to 1; Math.random unless a simulation brings its own. */
  readonly random?: () => number
}

interface StepLimits {
  /** By the monotonic clock. */
  readonly deadline?: number | undefined
  /** True once the result is of no use. */
  readonly abandoned?: () => boolean
}

/**
 * Decides how epochs are published exactly once: what is repeated, when a new producer incarnation begins, what the marker
 * means, and who gives way when two engines want the same egress. It does no I/O and takes no time but through its options.
 *
 * The rules:
 * - A commit is asked for once. Whatever goes wrong in a transaction, the next thing is InitProducerId, which settles it,
 *   and the marker, which says how it was settled.
 * - Opening ends with a claim: the marker as it was found is committed once more, under the own name. What was found is then
 *   the truth for good; whoever else wrote a marker in between has only made the claim begin again.
 * - Being fenced means a takeover or a timeout on the broker. A newer engine claims within moments of fencing this one, so
 *   after {@link PATIENCE_MS} the marker tells the two apart. An engine that opens does not wait like that: the newer one wins.
 */
export class TransactionDriver {
  readonly #options: TransactionDriverOptions
  #publisher: Publisher | undefined
  /** A transaction failed: nothing goes on before it is settled. */
  #unsettled = false
  /** A commit of the current publication was asked for, and not answered. */
  #inDoubt = false
  #patienceMs: number = PATIENCE_MS.first
  /** By the monotonic clock. */
  #fencedAt = Number.NEGATIVE_INFINITY
  #closed = false
  #wake: (() => void) | undefined

  constructor(options: TransactionDriverOptions) {
    this.#options = options
  }

  /**
   * As `TransactionalSink.open`.
   *
   * @throws StatefunError what the session throws; `SF_KAFKA_START_FAILED` when it does not succeed in time
   */
  async open(
    publisher: Publisher,
    accept: (marker: Marker | undefined) => void = () => undefined,
  ): Promise<Marker | undefined> {
    const { session, clock, startTimeoutMs } = this.#options
    this.#publisher = publisher
    const deadline = clock.monotonic() + startTimeoutMs
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#step(() => session.init(), { deadline })
        const found = await this.#step(() => session.readMarker(true), { deadline })
        const published = found?.lineage === NOTHING.lineage ? undefined : found
        accept(published)
        if (found?.owner !== publisher.owner)
          await this.#transact({ ...(published ?? NOTHING), owner: publisher.owner }, [], deadline)
        this.#unsettled = false
        this.#over()
        return published
      } catch (error) {
        await this.#failed(error, attempt, deadline)
      }
    }
  }

  /**
   * As `TransactionalSink.publish`.
   *
   * @param values is walked once per attempt
   * @throws StatefunError `SF_ENGINE_FENCED`, `SF_EGRESS_MARKER_LOST`, `SF_KAFKA_STOPPED`, and what the session throws
   */
  async publish(epoch: number, values: Iterable<Uint8Array>): Promise<void> {
    if (this.#publisher === undefined) throw new Error('publish before open')
    const marker = { ...this.#publisher, epoch }
    this.#inDoubt = false
    let fenced = false
    let timeouts = 0
    for (let attempt = 1; ; attempt++) {
      try {
        if (this.#unsettled && (await this.#settle(marker))) break
        // Fenced, and by no other engine.
        if (fenced) this.#options.timedOut?.(epoch, ++timeouts)
        fenced = false
        await this.#transact(marker, values)
        break
      } catch (error) {
        fenced ||= error instanceof SessionError && error.trouble === 'fenced'
        await this.#failed(error, attempt)
      }
    }
    this.#over()
  }

  /** Ends what is under way: it rejects with `SF_KAFKA_STOPPED`. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    this.#wake?.()
    await this.#options.session.close()
  }

  async #transact(marker: Marker, values: Iterable<Uint8Array>, deadline?: number): Promise<void> {
    const { session } = this.#options
    // In this order: the marker's first request is on its way while the records are encoded.
    let abandoned = false
    const marking = this.#step(() => session.mark(marker), { deadline, abandoned: () => abandoned })
    const sending = session.send(values)
    try {
      await Promise.all([marking, sending])
    } catch (first) {
      abandoned = true
      this.#unsettled = true
      session.reset()
      // What is still under way must not reach into the next transaction.
      const [marked, sent] = await Promise.allSettled([marking, sending])
      throw gravest(first, [marked, sent])
    }
    this.#unsettled = true
    this.#inDoubt = true
    await session.end()
    this.#unsettled = false
  }

  /**
   * Settles the transaction that failed.
   *
   * @returns true when it was committed
   */
  async #settle(wanted: Marker): Promise<boolean> {
    const { session } = this.#options
    // Looking first leaves a newer engine in peace, where its first commit is done.
    this.#judge(await this.#step(() => session.readMarker(false)), wanted)
    await this.#step(() => session.init())
    const committed = this.#judge(await this.#step(() => session.readMarker(true)), wanted)
    this.#unsettled = false
    this.#inDoubt = false
    return committed
  }

  /**
   * What a marker means for the publication under way.
   *
   * @returns true when it was committed
   */
  #judge(marker: Marker | undefined, wanted: Marker): boolean {
    const { egress } = this.#options
    if (marker !== undefined) {
      if (marker.owner !== wanted.owner) throw fenced(egress, marker)
      return marker.lineage === wanted.lineage && marker.epoch >= wanted.epoch
    }
    if (!this.#inDoubt) return false
    throw new StatefunError(
      'SF_EGRESS_MARKER_LOST',
      `nothing says whether egress ${egress} has published epoch ${wanted.epoch}: its marker is gone`,
      { where: `egress ${egress}`, hint: 'look at the tail of its topics' },
    )
  }

  async #failed(error: unknown, attempt: number, deadline?: number): Promise<void> {
    const { egress, session, clock, trouble, retryBackoffMs, retryBackoffMaxMs } = this.#options
    if (this.#closed) throw stopped(egress, error)
    if (!(error instanceof SessionError)) throw error
    if (deadline !== undefined && clock.monotonic() > deadline) throw this.#late(error)
    trouble.began(`egress ${egress} cannot publish: ${error.message}; trying again`)
    this.#unsettled = true
    session.reset()
    const fencedInPublish = error.trouble === 'fenced' && deadline === undefined
    await this.#pause(
      fencedInPublish
        ? this.#patience() * (1 + this.#random() / 2)
        : backoffMs(attempt, retryBackoffMs, retryBackoffMaxMs, this.#random),
    )
  }

  /** Milliseconds to leave a newer engine to its claim, if there is one. */
  #patience(): number {
    const now = this.#options.clock.monotonic()
    const again = now - this.#fencedAt < PATIENCE_MS.forgottenAfter
    this.#patienceMs = again ? Math.min(this.#patienceMs * 2, PATIENCE_MS.most) : PATIENCE_MS.first
    this.#fencedAt = now
    return this.#patienceMs
  }

  /** Repeats a call that had no effect. */
  async #step<T>(
    call: () => Promise<T>,
    { deadline = Number.POSITIVE_INFINITY, abandoned = () => false }: StepLimits = {},
  ): Promise<T> {
    const { egress, clock, trouble } = this.#options
    let began: number | undefined
    for (let attempt = 1; ; attempt++) {
      try {
        if (this.#closed) throw stopped(egress)
        return await call()
      } catch (error) {
        if (!(error instanceof SessionError) || error.trouble !== 'retry' || this.#closed || abandoned()) {
          throw error
        }
        const now = clock.monotonic()
        began ??= now
        if (now > deadline) throw error
        if (now - began > QUIET_MS)
          trouble.began(`egress ${egress} cannot publish yet: ${error.message}; trying again`)
        await this.#pause(backoffMs(attempt, STEP_BACKOFF_MS.first, STEP_BACKOFF_MS.most, this.#random))
        if (abandoned()) throw error
      }
    }
  }

  #late(cause: SessionError): StatefunError {
    const { egress, startTimeoutMs } = this.#options
    return new StatefunError(
      'SF_KAFKA_START_FAILED',
      `egress ${egress} could not begin its transactions within ${startTimeoutMs} ms: ${cause.message}`,
      { where: `egress ${egress}`, cause },
    )
  }

  #over(): void {
    this.#options.trouble.ended(`egress ${this.#options.egress} publishes again`)
  }

  #random = (): number => (this.#options.random ?? Math.random)()

  #pause(ms: number): Promise<void> {
    if (this.#closed) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }
}

/** The error that decides: what no repetition mends before being fenced before all else. */
function gravest(first: unknown, results: readonly PromiseSettledResult<void>[]): unknown {
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  return (
    errors.find((error) => !(error instanceof SessionError)) ??
    errors.find((error) => error instanceof SessionError && error.trouble === 'fenced') ??
    first
  )
}

function fenced(egress: string, by: Marker): StatefunError {
  return new StatefunError(
    FENCED,
    `another engine with the same app name has taken over egress ${egress} ` +
      `(owner ${by.owner}, checkpoint ${by.lineage}, epoch ${by.epoch}): a second engine was started`,
    { where: `egress ${egress}`, hint: 'stop the other engine, or give one of them another app name' },
  )
}

function stopped(egress: string, cause?: unknown): StatefunError {
  return new StatefunError('SF_KAFKA_STOPPED', `egress ${egress} was stopped`, { cause })
}
