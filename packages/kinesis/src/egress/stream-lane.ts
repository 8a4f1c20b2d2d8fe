import { backoffMs, kinesisRecordWhere, type Outage } from '@statefun/engine'
import type { StatefunError } from '@statefun/protocol'
import { isThrottling, problemOf, refusalOf, showProblem } from '../client/kinesis-failure.ts'
import type { OutgoingRecord, RecordFailure } from './outgoing-record.ts'
import type { PutRecords } from './put-records.ts'
import type { StreamMetrics } from './stream-metrics.ts'
import { type RequestLimits, StreamQueue } from './stream-queue.ts'

/** Requests of one stream that may be under way at once. */
const MOST_REQUESTS = 4
const BACKOFF_MS = { first: 100, most: 5_000 } as const
/** How often a single record may be refused before the log tells. */
const USUAL_FAILURES = 3

/** What a lane tells its egress. */
export interface LaneOwner {
  /** `egress a/b` */
  readonly name: string
  delivered(record: OutgoingRecord): void
  failed(error: StatefunError): void
}

/** What a lane needs besides. */
export interface LaneOptions {
  readonly stream: string
  readonly limits: RequestLimits
  readonly put: PutRecords
  readonly metrics: StreamMetrics
  readonly outage: Outage
  readonly owner: LaneOwner
}

/** Sends the records of one stream: as few requests as they fit in, not many at once, and again what is not taken. */
export class StreamLane {
  readonly stream: string
  readonly #options: LaneOptions
  readonly #queue: StreamQueue
  readonly #timers = new Set<NodeJS.Timeout>()
  #requests = 0
  /** Requests in a row that failed as a whole; while the pause after one lasts, nothing is sent. */
  #failures = 0
  /** Records that were refused or lost, and are not delivered yet. */
  #undelivered = 0
  #paused = false
  #worked = false
  #stopped = false
  #trouble: string | undefined

  constructor(options: LaneOptions) {
    this.stream = options.stream
    this.#options = options
    this.#queue = new StreamQueue(options.limits)
  }

  /** What stood in the way last; undefined when everything was delivered since. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** The record that has waited longest. */
  oldest(): OutgoingRecord | undefined {
    let oldest: OutgoingRecord | undefined
    for (const record of this.#queue.records()) {
      if (oldest === undefined || record.writtenAt < oldest.writtenAt) oldest = record
    }
    return oldest
  }

  /** A record waits; it leaves by {@link pump}, or now when it fills a request. */
  add(record: OutgoingRecord): void {
    this.#queue.add(record)
    if (this.#queue.full) this.#send(false)
  }

  /** Sends what has gathered. While a request is under way, the next one waits until it is full or the other one is back. */
  pump(): void {
    this.#send(true)
  }

  /** Nothing more is sent, and what is under way is forgotten. */
  stop(): void {
    this.#stopped = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  #send(rest: boolean): void {
    while (!this.#paused && !this.#stopped && this.#requests < MOST_REQUESTS) {
      if (!this.#queue.full && !(rest && this.#requests === 0 && this.#queue.ready)) return
      const batch = this.#queue.take()
      this.#requests++
      this.#options.metrics.requests.inc()
      this.#options.put(this.stream, batch).then(
        (results) => this.#answered(batch, results),
        (error: unknown) => this.#lost(batch, error),
      )
    }
  }

  #answered(batch: readonly OutgoingRecord[], results: readonly (RecordFailure | undefined)[]): void {
    if (this.#stopped) return
    const { metrics, owner } = this.#options
    this.#requests--
    this.#failures = 0
    this.#worked = true
    const refused: OutgoingRecord[] = []
    batch.forEach((record, index) => {
      const failure = results[index]
      if (failure === undefined) {
        if (record.failures > 0) this.#undelivered--
        this.#queue.delivered(record)
        metrics.records.inc()
        metrics.bytes.inc(record.bytes)
        owner.delivered(record)
      } else {
        refused.push(record)
        this.#refused(record, failure)
      }
    })
    if (refused.length > 0) this.#againLater(refused)
    else if (this.#undelivered === 0) this.#recovered()
    this.#send(true)
  }

  #refused(record: OutgoingRecord, { code, message }: RecordFailure): void {
    const { metrics } = this.#options
    this.#failed(record)
    metrics.repeated.inc()
    if (isThrottling({ name: code, status: undefined })) metrics.throttled.inc()
    this.#trouble = message.includes(code) ? message : `${code}: ${message}`
    if (record.failures > USUAL_FAILURES) this.#troubled()
  }

  #lost(batch: readonly OutgoingRecord[], error: unknown): void {
    if (this.#stopped) return
    const { metrics, owner } = this.#options
    this.#requests--
    const problem = problemOf(error)
    const others = batch.length === 1 ? '' : `, first of ${batch.length} records`
    const where = kinesisRecordWhere(this.stream, batch[0]!) + others
    const call = { operation: 'PutRecords', owner: owner.name, stream: this.stream, where }
    const refusal = refusalOf(problem, call, this.#worked)
    if (refusal !== undefined) {
      owner.failed(refusal)
      return
    }
    this.#trouble = showProblem(problem)
    this.#troubled()
    metrics.repeated.inc(batch.length)
    if (isThrottling(problem)) metrics.throttled.inc(batch.length)
    for (const record of batch) {
      this.#failed(record)
      this.#queue.again(record)
    }
    this.#failures++
    if (this.#paused) return
    this.#paused = true
    this.#after(backoffMs(this.#failures, BACKOFF_MS.first, BACKOFF_MS.most), () => {
      this.#paused = false
    })
  }

  #failed(record: OutgoingRecord): void {
    if (record.failures === 0) this.#undelivered++
    record.failures++
  }

  #againLater(records: readonly OutgoingRecord[]): void {
    const failures = Math.max(...records.map((record) => record.failures))
    this.#after(backoffMs(failures, BACKOFF_MS.first, BACKOFF_MS.most), () => {
      for (const record of records) this.#queue.again(record)
    })
  }

  #after(ms: number, then: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      then()
      this.#send(true)
    }, ms)
    this.#timers.add(timer)
  }

  #troubled(): void {
    const { outage, owner } = this.#options
    outage.began(`${owner.name} cannot deliver to stream ${this.stream}: ${this.#trouble}; trying again`)
  }

  #recovered(): void {
    const { outage, owner } = this.#options
    this.#trouble = undefined
    outage.ended(`${owner.name} delivers to stream ${this.stream} again`)
  }
}
