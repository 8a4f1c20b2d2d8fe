import { StatefunError } from '@statefun/protocol'
import type { Clock } from '../clock.ts'
import type { Core } from '../core/core.ts'
import type { PartitionPosition, SealedEpoch } from '../core/sealed-epoch.ts'
import type { Logger } from '../logger.ts'
import type { SpillScan } from '../state/spill-scan.ts'
import { ByteWriter } from './byte-writer.ts'
import { type BaseContent, encodeBase, encodeEpoch } from './encode-epoch.ts'
import { encodeSpilledBase } from './encode-spilled-base.ts'
import type { BaseWriter, CheckpointStorage } from './storage.ts'

export interface CoordinatorOptions {
  readonly core: Core
  readonly storage: CheckpointStorage
  /** Begins a scan of the states that are not in memory; without, all are. */
  readonly scanSpilled?: (() => SpillScan) | undefined
  readonly clock: Clock
  readonly logger: Logger
  /** Settles when all egress records of the sealed epoch are acknowledged. Called at the cut, synchronously. */
  readonly flushSinks: () => Promise<void>
  /** An epoch is durable. */
  readonly completed: (epoch: number, positions: readonly PartitionPosition[]) => void
  /** Settles when the outboxes of all epochs that are durable by now are published, or never will be. */
  readonly published: () => Promise<void>
  /**
   * An epoch was cut and did not become durable. Its changes would be missing from the log for ever, so the job has to
   * end; it is called once, and no further epoch is cut.
   */
  readonly failed: (error: StatefunError) => void
  /** Bytes of change log from which a base snapshot is worth its while; it also has to outweigh the snapshot itself. */
  readonly compactAfterBytes: number
}

/**
 * How far the log may outgrow the snapshot before it: a longer log makes snapshots rarer, and every restart longer. A change
 * of the log takes as long to replay as a state of a snapshot to read, half as long again with ten million keys on disk.
 */
const LOG_PER_BASE = 1.5

/** Figures of the checkpoints of one job. */
export interface CheckpointStatistics {
  completed: number
  lastEpoch: number
  lastBytes: number
  lastDurationMs: number
  /** How long the storage took for it. */
  lastAppendMs: number
  /** Epochs that took longer than the interval, so that the next one was cut late. */
  late: number
  /** How long the job stood still for the last cut. */
  lastCutMs: number
  snapshots: number
}

/**
 * Makes epochs durable, one at a time, and shortens the log with base snapshots in the background.
 *
 * An epoch becomes durable only after what it emitted is acknowledged: the other way round, a crash in between would lose
 * output whose input is never read again.
 */
export class CheckpointCoordinator {
  readonly statistics: CheckpointStatistics = {
    completed: 0,
    lastEpoch: 0,
    lastBytes: 0,
    lastDurationMs: 0,
    lastAppendMs: 0,
    late: 0,
    lastCutMs: 0,
    snapshots: 0,
  }
  readonly #options: CoordinatorOptions
  /** Of one epoch after the other: the one before is written when the next is encoded. */
  readonly #writer = new ByteWriter(0)
  #running: Promise<void> | undefined
  #snapshotting: Promise<void> | undefined
  #holds = 0
  #closed = false
  #giveUpFlush: (error: StatefunError) => void = () => undefined
  #failure: StatefunError | undefined

  constructor(options: CoordinatorOptions) {
    this.#options = options
  }

  /**
   * Cuts the open epoch and settles when it is durable; an epoch under way is awaited first.
   *
   * @throws StatefunError when it could not be made durable, or `SF_ENGINE_NOT_RUNNING`
   */
  async checkpoint(): Promise<void> {
    // Whoever asks from within a call of the core must not cut it in the middle of an event.
    await undefined
    while (this.#running !== undefined) await this.#running
    this.#mustBeOpen()
    this.#running = this.#write()
    try {
      await this.#running
    } catch (cause) {
      const error = StatefunError.from(cause)
      if (!this.#closed) {
        this.#failure = error
        this.#closed = true
        this.#options.failed(error)
      }
      throw error
    } finally {
      this.#running = undefined
    }
  }

  /** Settles when no base snapshot is under way; none begins, and nothing is removed, until the result is called. */
  async holdSnapshots(): Promise<() => void> {
    this.#holds++
    await this.#running?.catch(() => undefined)
    await this.#snapshotting
    let held = true
    return () => {
      if (held) this.#holds--
      held = false
    }
  }

  /** From here on nothing is cut: the core may be broken. What was cut before is still written. */
  abandon(): void {
    this.#closed = true
  }

  /**
   * Waits for what is under way; nothing is started any more. The sinks are stopped by now: what they have not flushed they
   * never will.
   */
  async close(): Promise<void> {
    this.#closed = true
    this.#giveUpFlush(new StatefunError('SF_ENGINE_NOT_RUNNING', 'the job has ended'))
    await this.#running?.catch(() => undefined)
    await this.#snapshotting?.catch(() => undefined)
  }

  async #write(): Promise<void> {
    const { core, storage, clock } = this.#options
    const began = clock.monotonic()
    // A snapshot begins with the first epoch that its log holds, so it is decided before the cut.
    const base = this.#wantsBase() ? await storage.beginBase(core.epoch) : undefined
    try {
      this.#mustBeOpen()
      await this.#writeEpoch(began)
    } catch (error) {
      await base?.abort()
      throw error
    }
    if (base === undefined) return
    this.#snapshotting = this.#snapshot(base).finally(() => {
      this.#snapshotting = undefined
    })
  }

  #mustBeOpen(): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#closed) throw new StatefunError('SF_ENGINE_NOT_RUNNING', 'the job has ended')
  }

  async #writeEpoch(began: number): Promise<void> {
    const { core, storage, clock, flushSinks, completed } = this.#options
    const cut = clock.monotonic()
    const sealed = core.seal(clock.now())
    this.statistics.lastCutMs = clock.monotonic() - cut
    const flushed = flushSinks()
    // Awaited below; a rejection meanwhile must not count as unhandled.
    flushed.catch(() => undefined)
    const payload = await this.#encode(sealed)
    core.encoded(sealed.epoch)
    await new Promise<void>((resolve, reject) => {
      this.#giveUpFlush = reject
      flushed.then(resolve, reject)
    })
    const appending = clock.monotonic()
    await storage.append(sealed.epoch, payload)
    this.statistics.lastAppendMs = clock.monotonic() - appending
    this.statistics.completed++
    this.statistics.lastEpoch = sealed.epoch
    this.statistics.lastBytes = payload.length
    this.statistics.lastDurationMs = clock.monotonic() - began
    completed(sealed.epoch, sealed.positions)
  }

  /** Encodes in slices: whatever else is ready goes first. */
  async #encode(sealed: SealedEpoch): Promise<Buffer> {
    const slices = encodeEpoch(sealed, this.#writer)
    for (;;) {
      const slice = slices.next()
      if (slice.done === true) return slice.value
      await new Promise<void>((resolve) => this.#options.clock.soon(resolve))
    }
  }

  async #snapshot(base: BaseWriter): Promise<void> {
    const { core, clock, logger } = this.#options
    try {
      const content = { types: core.types, timers: core.timers.scan(), parked: core.parkedInstances() }
      for await (const chunk of this.#encodeBase({ ...content, epoch: core.epoch, time: clock.now() })) {
        if (chunk !== undefined) await base.write(chunk)
        else await new Promise<void>((resolve) => clock.soon(resolve))
        if (this.#closed) return await base.abort()
      }
      // The scan saw changes of the epoch that is open now: the snapshot counts once that one is in the log, too.
      const validFrom = core.epoch
      while (this.statistics.lastEpoch < validFrom) {
        if (this.#closed) return await base.abort()
        await this.checkpoint()
      }
      // The log before the snapshot goes with its publication: what its outboxes hold must have left.
      await this.#options.published()
      if (this.#closed) return await base.abort()
      await base.publish()
      this.statistics.snapshots++
    } catch (error) {
      // The log is still whole: a failed snapshot costs space, not correctness.
      if (!this.#closed) {
        logger.warn(
          { error: StatefunError.from(error).format() },
          'base snapshot failed, the change log is kept',
        )
      }
      await base.abort()
    }
  }

  #encodeBase(content: BaseContent): Iterable<Buffer> | AsyncIterable<Buffer | undefined> {
    const scan = this.#options.scanSpilled?.()
    return scan === undefined ? encodeBase(content) : encodeSpilledBase(content, scan)
  }

  #wantsBase(): boolean {
    const { storage, compactAfterBytes } = this.#options
    return (
      this.#snapshotting === undefined &&
      this.#holds === 0 &&
      storage.logBytes > Math.max(compactAfterBytes, LOG_PER_BASE * storage.baseBytes)
    )
  }
}
