import { StatefunError, type TypedValue } from '@statefun/protocol'
import { OutboxValues, outboxValues } from '../checkpoint/outbox-values.ts'
import type { RestoredOutbox } from '../checkpoint/restore.ts'
import type { CheckpointIdentity } from '../checkpoint/storage.ts'
import type { Clock } from '../clock.ts'
import type { SinkListener } from '../connector/sink.ts'
import type { Marker, TransactionalSink } from '../connector/transactional-sink.ts'
import type { SealedOutbox } from '../core/sealed-epoch.ts'
import type { Logger } from '../logger.ts'

interface Waiting {
  readonly epoch: number
  readonly values: Uint8Array
  /** What holds the values; undefined for those of a restored checkpoint. */
  readonly gathered?: OutboxValues
}

export interface OutboxOptions {
  readonly sink: TransactionalSink
  readonly clock: Clock
  readonly logger: Logger
  readonly listener: SinkListener
  /** Something more is published: worth noting in the next epoch. */
  readonly advanced: () => void
}

/** Bytes of records in one transaction; what waits beyond that goes in the next one. */
const TRANSACTION_BYTES = 8 * 1024 * 1024

/** Bytes that are set aside for an epoch at least. */
const SMALLEST = 16 * 1024

/** A target may forget a marker that nobody renews (Kafka after 7 days): an idle engine renews it. */
const RENEW_MS = 60 * 60 * 1000

/**
 * The way of an exactly-once egress: records are gathered in the open epoch, sealed with it, and published once it is
 * durable. Epochs that become durable while a transaction is under way go together in the next one.
 */
export class Outbox {
  readonly id: string
  readonly #options: OutboxOptions
  #open = new OutboxValues()
  /** Sealed, not durable yet; by epoch. */
  readonly #sealed = new Map<number, Waiting>()
  /** Published and free for another epoch: memory made anew each time is garbage that only a full collection frees. */
  #spare: OutboxValues | undefined
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #published = 0
  #newest = 0
  #running: Promise<void> | undefined
  #waiters: { readonly epoch: number; readonly resolve: () => void }[] = []
  #cancelRenewal: (() => void) | undefined
  #saturated = false
  #settledAtCut = true
  #closed = false

  constructor(options: OutboxOptions) {
    this.id = options.sink.id
    this.#options = options
  }

  /** The last epoch that is known to be published. */
  get published(): number {
    return this.#published
  }

  /** True when the last cut found everything before it published. */
  get settledAtCut(): boolean {
    return this.#settledAtCut
  }

  /** Bytes that were emitted and are not published. */
  get pendingBytes(): number {
    return this.#open.length + this.#waitingBytes
  }

  /** True while so much waits that the engine should take no more input. */
  get saturated(): boolean {
    if (!this.#saturated && this.pendingBytes > this.#options.sink.maxPendingBytes) this.#saturated = true
    return this.#saturated
  }

  /**
   * Takes possession of the egress and publishes what the checkpoint holds and its target has not seen.
   *
   * @param epoch the last one of the checkpoint
   * @throws StatefunError `SF_EGRESS_MARKER_LOST`, `SF_EGRESS_AHEAD`, and what the sink throws
   */
  async start(
    epoch: number,
    restored: RestoredOutbox | undefined,
    identity: CheckpointIdentity,
    owner: string,
  ): Promise<void> {
    const { sink, listener } = this.#options
    let unpublished: readonly Waiting[] = []
    const marker = await sink.open({ lineage: identity.lineage, owner }, listener, (found) => {
      unpublished = this.#missing(found, epoch, restored, identity)
    })
    this.#published = this.#newest = epoch
    // From here on the marker is of this checkpoint: records of its first epochs must not count as forgotten.
    if (unpublished.length > 0 || marker?.lineage !== identity.lineage)
      await sink.publish(epoch, values(unpublished))
    this.#armRenewal()
  }

  /** Appends a record to the open epoch. */
  write(value: TypedValue): void {
    this.#options.sink.check(value)
    this.#open.push(value.value)
  }

  /** Ends the open epoch; called at the cut. */
  seal(epoch: number): SealedOutbox {
    const values = this.#open.length === 0 ? NOTHING : this.#open.finish()
    if (values.length > 0) {
      this.#sealed.set(epoch, { epoch, values, gathered: this.#open })
      this.#open = this.#spare ?? new OutboxValues(Math.max(SMALLEST, Math.ceil(values.length / 4)))
      this.#spare = undefined
      this.#waitingBytes += values.length
    }
    this.#settledAtCut = values.length === 0 && this.#waitingBytes === 0
    return { egress: this.id, published: this.#published, values }
  }

  /** An epoch is in the log: its records may leave. */
  durable(epoch: number): void {
    this.#newest = epoch
    const sealed = this.#sealed.get(epoch)
    if (sealed === undefined) {
      if (this.#running === undefined) this.#published = epoch
      return
    }
    this.#sealed.delete(epoch)
    this.#waiting.push(sealed)
    this.#pump()
  }

  /** Settles when everything that is durable by now is published, or when the outbox is closed. */
  settled(): Promise<void> {
    if (this.#waiting.length === 0 && this.#running === undefined) return Promise.resolve()
    if (this.#closed) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push({ epoch: this.#newest, resolve }))
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelRenewal?.()
    await this.#options.sink.stop()
    for (const { resolve } of this.#waiters.splice(0)) resolve()
  }

  /** What of the checkpoint's outbox its target has not seen. */
  #missing(
    marker: Marker | undefined,
    epoch: number,
    restored: RestoredOutbox | undefined,
    { lineage, parent }: CheckpointIdentity,
  ): readonly Waiting[] {
    const candidates = restored?.unpublished ?? []
    // A checkpoint that was made from another one goes on where the epochs of that one end.
    const own = marker?.lineage === lineage
    const ofParent = !own && parent !== undefined && marker?.lineage === parent.lineage
    if (marker !== undefined && own && marker.epoch > epoch) {
      throw new StatefunError(
        'SF_EGRESS_AHEAD',
        `egress ${this.id} has published up to epoch ${marker.epoch}, the checkpoint ends at epoch ${epoch}`,
        {
          where: `egress ${this.id}`,
          hint:
            'start from the newest checkpoint of this app; to go on from this older one and publish again what came after ' +
            'it, make a savepoint of it and restore that (statefun checkpoint export, statefun savepoint restore)',
        },
      )
    }
    if (marker !== undefined && own) return candidates.filter((sealed) => sealed.epoch > marker.epoch)
    if (marker !== undefined && ofParent)
      return candidates.filter((sealed) => sealed.epoch > Math.min(marker.epoch, parent!.epoch))
    if (marker !== undefined) {
      this.#options.logger.warn(
        { egress: this.id, lineage: marker.lineage, epoch: marker.epoch },
        'this egress was published last by another checkpoint of this app; from here on this one does',
      )
    }
    // A restored savepoint is a decision to go on from there, whatever was published meanwhile.
    if (candidates.length === 0 || parent !== undefined) return candidates
    throw new StatefunError(
      'SF_EGRESS_MARKER_LOST',
      marker === undefined
        ? `nothing says which epoch egress ${this.id} published last, and the checkpoint holds records since epoch ${restored!.published}`
        : `egress ${this.id} was published last by another checkpoint of this app, and this one holds unpublished records`,
      {
        where: `egress ${this.id}`,
        hint:
          'look at the tail of its topics; to publish these records, perhaps a second time, make a savepoint of the ' +
          'checkpoint and restore that (statefun checkpoint export, statefun savepoint restore)',
      },
    )
  }

  #pump(): void {
    if (this.#running !== undefined || this.#closed) return
    this.#running = this.#publishAll()
      .catch((error: unknown) => {
        if (!this.#closed) this.#options.listener.failed(StatefunError.from(error))
        this.#closed = true
      })
      .finally(() => {
        this.#running = undefined
        // What became durable in the very last moment of the one before.
        if (this.#waiting.length > 0) this.#pump()
        // Who began to wait in that moment.
        else if (!this.#closed) this.#advance(this.#newest)
      })
  }

  async #publishAll(): Promise<void> {
    const { sink } = this.#options
    while (this.#waiting.length > 0 && !this.#closed) {
      const batch = this.#take()
      const epoch = batch.at(-1)!.epoch
      this.#cancelRenewal?.()
      await sink.publish(epoch, values(batch))
      for (const sealed of batch) this.#release(sealed)
      this.#advance(epoch)
      this.#options.advanced()
      this.#armRenewal()
      if (this.#saturated && this.pendingBytes < sink.maxPendingBytes / 2) {
        this.#saturated = false
        this.#options.listener.drained()
      }
    }
    if (this.#waiting.length === 0) this.#advance(this.#newest)
  }

  /** What an epoch held is published. Memory far larger than that, after a burst, is not kept. */
  #release({ values, gathered }: Waiting): void {
    this.#waitingBytes -= values.length
    if (gathered === undefined || gathered.capacity > 4 * Math.max(SMALLEST, values.length)) return
    gathered.reset()
    this.#spare = gathered
  }

  #advance(epoch: number): void {
    this.#published = epoch
    this.#waiters = this.#waiters.filter((waiter) => {
      if (waiter.epoch > epoch) return true
      waiter.resolve()
      return false
    })
  }

  #take(): readonly Waiting[] {
    let bytes = 0
    let count = 0
    while (count < this.#waiting.length && bytes < TRANSACTION_BYTES)
      bytes += this.#waiting[count++]!.values.length
    const batch = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    return batch
  }

  #armRenewal(): void {
    const { sink, clock, listener } = this.#options
    this.#cancelRenewal = clock.after(RENEW_MS, () => {
      if (this.#running !== undefined || this.#closed) return
      this.#running = sink
        .publish(this.#published, [])
        .catch((error: unknown) => {
          if (!this.#closed) listener.failed(StatefunError.from(error))
        })
        .finally(() => {
          this.#running = undefined
          if (this.#closed) return
          this.#armRenewal()
          this.#pump()
        })
    })
  }
}

const NOTHING = new Uint8Array(0)

/** A sink that has to begin again walks the records again. */
function values(batch: readonly Waiting[]): Iterable<Uint8Array> {
  return {
    *[Symbol.iterator]() {
      for (const sealed of batch) yield* outboxValues(sealed.values)
    },
  }
}
