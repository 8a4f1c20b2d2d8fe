import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { StatefunError } from '@statefun/protocol'
import { type Clock, systemClock } from '../clock.ts'
import { FENCED } from '../connector/transactional-sink.ts'
import { type Logger, silentLogger } from '../logger.ts'
import { checkHeader } from './checkpoint-header.ts'
import {
  type Claim,
  damaged,
  decodeObject,
  encodeObject,
  jsonFrame,
  type ObjectHeader,
  parsed,
} from './checkpoint-objects.ts'
import { type Frame, FrameKind } from './frame.ts'
import { ObjectBaseWriter, PART_BYTES } from './object-base-writer.ts'
import { baseEndKey, LOG_PREFIX, logKey } from './object-keys.ts'
import { listLog, type ObjectLog, objectUrl } from './object-log.ts'
import { ObjectReader } from './object-reader.ts'
import { ObjectRetention } from './object-retention.ts'
import type { ObjectStore } from './object-store.ts'
import { getObject, logWeight, type ObjectTail, replayObjects } from './replay-objects.ts'
import type { BaseWriter, CheckpointIdentity, CheckpointReader, CheckpointStorage } from './storage.ts'

export interface ObjectStorageOptions {
  /** Closed with the storage. */
  readonly store: ObjectStore
  /** A prefix serves one app; another one's is refused. */
  readonly app: string
  readonly logger?: Logger
  /** Base snapshots that are kept with the log since; 2 by default and at least, for one may be being read by a new engine. */
  readonly retain?: number
  /** Bytes of an object of a base snapshot; 8 MiB by default. */
  readonly partBytes?: number
  readonly clock?: Pick<Clock, 'now'>
  /** Makes uuids. */
  readonly newId?: () => string
  /** Where this engine runs, for the message to one that it took over from; the machine's name by default. */
  readonly host?: string
}

const LEAST_RETAINED = 2
/** Takeovers that other engines may get ahead of before this one leaves the log to them. */
const ROUNDS = 3

/**
 * Checkpoints in a bucket: one object for each epoch, in numbered slots (object-keys.ts).
 *
 * Whoever starts takes the log over by a claim in the next free slot, written like every slot under the condition that it is
 * free. So the newest engine wins: the one before finds its next slot taken and stops, with `SF_ENGINE_FENCED`, before that
 * epoch counts for anything; and a write of it that was still on its way comes too late or is replayed. Claims are never
 * removed, so that this holds however late an engine wakes up (object-retention.ts). Every object names the claim that it was
 * written under, and a recovery checks that each slot belongs to the claim before it.
 *
 * Nothing is torn in a bucket: an object is whole or not there, so that whatever cannot be read is damage.
 */
export class ObjectStorage implements CheckpointStorage {
  identity: CheckpointIdentity
  logBytes = 0
  baseBytes = 0
  readonly #store: ObjectStore
  readonly #logger: Logger
  readonly #now: () => number
  readonly #partBytes: number
  readonly #owner: string
  readonly #host: string
  readonly #retention: ObjectRetention
  #log: ObjectLog = { base: undefined, slots: [] }
  #claim = 0
  #next = 0
  #lastEpoch = 0
  #removing: Promise<void> | undefined
  #removeAgain = false
  #closed = false

  constructor(options: ObjectStorageOptions) {
    const { store, app, logger = silentLogger, clock = systemClock, newId = randomUUID } = options
    this.#store = store
    this.#logger = logger
    this.#now = () => clock.now()
    this.#partBytes = options.partBytes ?? PART_BYTES
    this.#owner = newId()
    this.#host = options.host ?? hostname()
    this.#retention = new ObjectRetention(store, Math.max(options.retain ?? 0, LEAST_RETAINED))
    this.identity = { app, lineage: newId(), parent: undefined }
  }

  async open(): Promise<void> {
    for (let round = 1; ; ) {
      const log = await listLog(this.#store)
      try {
        await this.#identify(log)
        const claim = await this.#takeOver((log.slots.at(-1)?.slot ?? 0) + 1)
        // Between the listing and the claim the log may have gone on, even so far that the slot of the claim was removed.
        const ahead = await this.#firstAfter(claim)
        if (ahead === undefined) {
          // Listed again, for the engine before may have removed what the first listing was of. By now it can complete one more
          // snapshot at most, and the newest two are never removed.
          const { base, slots } = await listLog(this.#store)
          this.#log = { base, slots: slots.filter(({ slot }) => slot < claim) }
          this.#claim = claim
          this.#next = claim + 1
          return
        }
        if (round++ === ROUNDS) throw await this.#fenced(ahead)
      } catch (error) {
        // What was listed may have been removed since, by an engine that is alive: then the log has gone on.
        if (!isCorrupt(error)) throw error
        const { slots: now } = await listLog(this.#store)
        if (now.at(-1)?.slot === log.slots.at(-1)?.slot) throw error
      }
    }
  }

  /** @throws StatefunError also `SF_ENGINE_FENCED`: a newer engine may have gone on, and removed what this one was to read */
  async *recover(): AsyncIterable<Frame> {
    const tail: ObjectTail = { lastEpoch: 0, baseBytes: 0, logBytes: 0 }
    try {
      yield* this.#replay(tail)
    } catch (error) {
      if (isCorrupt(error)) await this.#mustBeNewest()
      throw error
    }
    // Otherwise it would keep the newer one from its egresses before it finds its next slot taken.
    await this.#mustBeNewest()
    this.#lastEpoch = tail.lastEpoch
    this.baseBytes = tail.baseBytes
    this.logBytes = tail.logBytes
  }

  #replay(tail: ObjectTail): AsyncGenerator<Frame> {
    return replayObjects(this.#store, this.#log, tail, (header, url) => {
      checkHeader(header, this.identity.app, url)
      if (header.lineage !== this.identity.lineage) {
        throw damaged(url, 'the object is of another checkpoint than the others')
      }
    })
  }

  async append(epoch: number, payload: Uint8Array): Promise<void> {
    const slot = this.#next
    const object = encodeObject(this.#header(slot), [{ kind: FrameKind.epoch, payload }])
    const other = await this.#putNew(slot, object)
    if (other !== undefined) throw this.#fencedBy(slot, other)
    this.#next++
    this.#lastEpoch = epoch
    this.logBytes += logWeight(object.length)
  }

  async beginBase(epoch: number): Promise<BaseWriter> {
    this.logBytes = 0
    return new ObjectBaseWriter({
      store: this.#store,
      header: this.#header(this.#next),
      firstEpoch: epoch,
      time: this.#now(),
      partBytes: this.#partBytes,
      lastEpoch: async () => {
        await this.#mustBeNewest()
        return this.#lastEpoch
      },
      published: (bytes) => {
        this.baseBytes = bytes
        this.#removeOld()
      },
    })
  }

  reader(): CheckpointReader {
    return new ObjectReader(this.#store)
  }

  interrupt(): void {
    this.#closed = true
    void this.#store.close()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#store.close()
    await this.#removing
  }

  /** Takes the identity of what is there, before a claim is written into what belongs to another app. */
  async #identify({ base, slots }: ObjectLog): Promise<void> {
    const last = slots.at(-1)
    if (last === undefined) return
    const url = objectUrl(this.#store, logKey(last.slot))
    this.#adopt(url, decodeObject(url, await getObject(this.#store, logKey(last.slot))).header)
    if (base !== undefined)
      checkHeader(base.header, this.identity.app, objectUrl(this.#store, baseEndKey(base.slot)))
  }

  /** Writes a claim into the first free slot from `first` on. */
  async #takeOver(first: number): Promise<number> {
    for (let slot = first; ; slot++) {
      const claim: Claim = { host: this.#host, time: this.#now() }
      const frames = [jsonFrame(FrameKind.claim, claim)]
      const object = encodeObject({ ...this.#header(slot), claim: slot }, frames)
      const other = await this.#putNew(slot, object)
      if (other === undefined) {
        await this.#probe(slot, object)
        return slot
      }
      const url = objectUrl(this.#store, logKey(slot))
      this.#adopt(url, decodeObject(url, other).header)
    }
  }

  /** Finds out whether the store heeds conditions, with an object that may be replaced: by itself. */
  async #probe(slot: number, object: Uint8Array): Promise<void> {
    const answer = await this.#store.putNew(logKey(slot), object)
    if (answer === 'exists' && this.#store.conditional) return
    this.#logger.warn(
      { checkpoint: this.#store.url },
      'the object store has no conditional writes: two engines that work with this checkpoint at once would damage it unnoticed',
    )
  }

  /** Returns what is in the slot already, unless it is this very object: then the first try of a repeated write had succeeded. */
  async #putNew(slot: number, object: Uint8Array): Promise<Uint8Array | undefined> {
    const key = logKey(slot)
    if ((await this.#store.putNew(key, object)) === 'stored') return undefined
    const found = await getObject(this.#store, key)
    return Buffer.compare(found, object) === 0 ? undefined : found
  }

  /** @throws StatefunError `SF_ENGINE_FENCED` */
  async #mustBeNewest(): Promise<void> {
    const ahead = await this.#firstAfter(this.#next - 1)
    if (ahead !== undefined) throw await this.#fenced(ahead)
  }

  /** The first slot after `slot` that is taken, by another engine. */
  async #firstAfter(slot: number): Promise<number | undefined> {
    for await (const { key } of this.#store.list(LOG_PREFIX, logKey(slot))) {
      const url = objectUrl(this.#store, key)
      const { header } = decodeObject(url, await getObject(this.#store, key))
      // An epoch of this engine that is being written meanwhile.
      return header.owner === this.#owner ? undefined : header.slot
    }
    return undefined
  }

  #adopt(url: string, header: ObjectHeader): void {
    checkHeader(header, this.identity.app, url)
    const { app, lineage, parent } = header
    this.identity = { app, lineage, parent }
  }

  #header(slot: number): ObjectHeader {
    return { ...this.identity, slot, claim: this.#claim, owner: this.#owner, savepoint: false }
  }

  async #fenced(slot: number): Promise<StatefunError> {
    return this.#fencedBy(slot, await getObject(this.#store, logKey(slot)))
  }

  #fencedBy(slot: number, object: Uint8Array): StatefunError {
    const url = objectUrl(this.#store, logKey(slot))
    const { header, frames } = decodeObject(url, object)
    const frame = frames.find(({ kind }) => kind === FrameKind.claim)
    const claim = frame === undefined ? undefined : parsed<Claim>(frame, url)
    const who = claim === undefined ? '' : ` on ${claim.host} since ${new Date(claim.time).toISOString()}`
    return new StatefunError(FENCED, `another engine (${header.owner}${who}) has taken over the checkpoint`, {
      where: url,
      hint: 'run one engine per app; this one has stopped and must not be started again while the other one runs',
    })
  }

  /** In the background: what is left over costs space, not correctness. */
  #removeOld(): void {
    if (this.#removing !== undefined) {
      this.#removeAgain = true
      return
    }
    this.#removing = this.#retention
      .run()
      .catch((error: unknown) => {
        if (this.#closed) return
        this.#logger.warn(
          { checkpoint: this.#store.url, error: StatefunError.from(error).format() },
          'old objects of the checkpoint could not be removed; the next snapshot tries again',
        )
      })
      .finally(() => {
        this.#removing = undefined
        if (this.#removeAgain && !this.#closed) {
          this.#removeAgain = false
          this.#removeOld()
        }
      })
  }
}

function isCorrupt(error: unknown): boolean {
  return error instanceof StatefunError && error.code === 'SF_CHECKPOINT_CORRUPT'
}
