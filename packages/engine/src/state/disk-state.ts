import type { StatefunError } from '@statefun/protocol'
import type { Clock } from '../clock.ts'
import type { FunctionType } from '../core/function-type.ts'
import type { FunctionTypes } from '../core/function-types.ts'
import { Instance } from '../core/instance.ts'
import type { Spill } from '../core/spill.ts'
import { InstanceHash } from './instance-hash.ts'
import type { Location } from './key-index.ts'
import { PassingInstances } from './passing-instances.ts'
import { ReadPatience } from './read-patience.ts'
import { Reclaimer } from './reclaimer.ts'
import { recordBlocks } from './record-blocks.ts'
import { RestoredStates } from './restored-states.ts'
import type { ScratchFolder } from './scratch-folder.ts'
import { SpillScan } from './spill-scan.ts'
import { SpillStore } from './spill-store.ts'
import { isExpired, isRecordOf, readStates, recordBound, visitRecord, writeRecord } from './spilled-record.ts'

/** Settings of the disk backend. */
export interface DiskStateSettings {
  readonly folder: ScratchFolder
  /** Memory for instances that may be called again soon; 64 MiB by default. */
  readonly cacheBytes?: number
  /** Never waits for the disk in the midst of a turn, not even to try whether it is fast. For tests and the simulator. */
  readonly patient?: boolean
  /** See {@link SpillStore}; small ones make a test's few records go through everything. */
  readonly segmentBytes?: number
  readonly chunkBytes?: number
  /** See {@link Reclaimer}. */
  readonly spareBytes?: number
}

export interface DiskStateOptions extends DiskStateSettings {
  readonly types: FunctionTypes
  readonly clock: Clock
  /** The states of an instance that was {@link Instance.loading} are there. */
  readonly loaded: (instance: Instance) => void
  /** {@link DiskState.saturated} may have become false. */
  readonly drained: () => void
  readonly failed: (error: StatefunError) => void
}

const CACHE_BYTES = 64 * 1024 * 1024
/** What an instance takes besides the bytes of its states, measured with one state of some twenty bytes and ids of ten characters. */
const INSTANCE_BYTES = 420
/** Instances that came lately and may be called again at once, and at most this part of the cache. */
const PASSING = 512
const PASSING_PART = 1 / 8
/** However small the cache is, an epoch may change so much. */
const LEAST_CROWD_BYTES = 8 * 1024 * 1024
/** Instances looked at beyond those that have to go. */
const EXTRA_STEPS = 1024
const POKE_MS = 1000
/** Bounds of how long an expired state may stay on disk. */
const MIN_SWEEP_MS = 10_000
const MAX_SWEEP_MS = 600_000

/**
 * State larger than memory: instances that were not called lately are in files, the others in memory; none is in both.
 *
 * Reading costs about a microsecond as long as the files are in the page cache, so that is done on the spot. When the disk
 * has to be waited for, the instance's messages wait in its mailbox instead, and many reads are under way at once.
 */
export class DiskState implements Spill {
  readonly loading = new Set<Instance>()
  readonly #options: DiskStateOptions
  readonly #store: SpillStore
  readonly #reclaimer: Reclaimer
  readonly #cacheBytes: number
  readonly #hash = new InstanceHash()
  readonly #numbers = new Map<FunctionType, number>()
  readonly #types: FunctionType[] = []
  readonly #found: Location = { segment: 0, offset: 0, length: 0 }
  #asked: Instance[] = []
  /** A checkpoint is being read: there are no turns that a read could hold up. */
  #restoring = true
  readonly #patience: ReadPatience
  #restored: RestoredStates | undefined
  /** Those of all types that are {@link Instance.passing}. */
  readonly #passing = new PassingInstances()
  readonly #maxPassing: number
  #crowded = false
  #hand: Iterator<Instance> | undefined
  #handType = 0
  #cancelPoke: () => void = () => undefined
  #closed = false

  constructor(options: DiskStateOptions) {
    this.#options = options
    this.#cacheBytes = options.cacheBytes ?? CACHE_BYTES
    this.#maxPassing = Math.min(PASSING, Math.floor((this.#cacheBytes * PASSING_PART) / INSTANCE_BYTES))
    this.#patience = new ReadPatience(options.patient === true)
    const { clock } = options
    this.#store = new SpillStore({ ...options, now: () => clock.now() })
    this.#reclaimer = new Reclaimer({
      ...options,
      store: this.#store,
      expired: (from, at, now) => this.#expired(from, at, now),
    })
    options.types.spill = this
  }

  /** Estimated memory of the instances that are not on disk. */
  get cachedBytes(): number {
    let bytes = this.#passing.size * INSTANCE_BYTES
    for (const type of this.#options.types) bytes += type.instances.size * INSTANCE_BYTES + type.valueBytes
    return bytes
  }

  /** Instances on disk, the bytes of their records, and those of the files. */
  get statistics(): { readonly instances: number; readonly liveBytes: number; readonly fileBytes: number } {
    const { index, liveBytes, totalBytes } = this.#store
    return { instances: index.size, liveBytes, fileBytes: totalBytes }
  }

  /** Instances cannot be moved out of memory as fast as they come in: no more input should be taken. */
  get saturated(): boolean {
    return this.#crowded || this.#store.saturated || this.loading.size >= MAX_LOADING
  }

  /** @throws Error when the folder cannot be used */
  async open(): Promise<void> {
    await this.#options.folder.open()
  }

  /** The checkpoint is read, the job begins. */
  started(): void {
    this.#restoring = false
    this.#poke()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelPoke()
    await this.#reclaimer.close()
    await this.#store.close()
    await this.#options.folder.close()
  }

  /**
   * Takes a state of a checkpoint, of which no instance is in memory yet; a `valueStart` of -1 is a deletion. `from` has to
   * stay as it is until {@link restored}.
   */
  restore(
    type: FunctionType,
    slot: number,
    stamp: number,
    from: Buffer,
    idStart: number,
    idEnd: number,
    valueStart: number,
    valueEnd: number,
  ): void {
    this.#restored ??= new RestoredStates(this.#store, this.#hash)
    this.#restored.add(this.#number(type), slot, stamp, from, idStart, idEnd, valueStart, valueEnd)
  }

  /** All states of the checkpoint were there; before, none of them is found. */
  restored(): void {
    this.#restored?.apply()
    this.#restored = undefined
  }

  instance(type: FunctionType, id: string): Instance {
    const hash = this.#hash.of(this.#number(type), id)
    const passing = this.#passing.find(hash, type, id)
    if (passing !== undefined) return passing
    const instance = new Instance(type, id)
    instance.hash = hash
    instance.passing = true
    this.#passing.push(instance)
    if (this.#store.index.find(hash, 0, this.#found)) this.#fetch(instance)
    return instance
  }

  passing(type: FunctionType, id: string): Instance | undefined {
    return this.#passing.find(this.#hash.of(this.#number(type), id), type, id)
  }

  *allPassing(type: FunctionType): Generator<Instance> {
    for (const instance of this.#passing) if (instance.type === type) yield instance
  }

  forget(instance: Instance): void {
    instance.passing = false
    this.#passing.delete(instance)
  }

  /** Starts reading what was asked for since the last call, all of it at once. */
  load(): void {
    if (this.#asked.length === 0) return
    const asked = this.#asked
    this.#asked = []
    for (const instance of asked) {
      this.#load(instance).catch((error: unknown) => this.#store.fail(error))
    }
  }

  /** Moves instances to disk until the others fit into the cache. Those with messages stay. */
  trim(now: number): void {
    let excess = this.cachedBytes - this.#cacheBytes
    this.#crowded = false
    excess -= this.#letPass(excess, now)
    if (excess <= 0) return
    // Twice around for those that are to go: the first time takes their second chance.
    let steps = EXTRA_STEPS + Math.ceil((2 * excess) / INSTANCE_BYTES)
    while (excess > 0 && steps-- > 0 && !this.#store.saturated) {
      const instance = this.#nextInHand()
      if (instance === undefined) break
      if (!instance.evictable) continue
      if (instance.calls > 0) instance.calls = 0
      else {
        const bytes = this.#evict(instance, now)
        if (bytes > 0) instance.type.instances.delete(instance.id)
        excess -= bytes
      }
    }
    // What has messages has to stay: more of it than twice the cache has to be called first.
    this.#crowded = excess > Math.max(this.#cacheBytes, LEAST_CROWD_BYTES)
    this.#reclaimer.poke(now, this.#sweepAfterMs())
  }

  /** As {@link trim}, for somebody who makes instances faster than a disk takes them; settles when it has. */
  async makeRoom(now: number): Promise<void> {
    this.trim(now)
    // A restore leaves gaps, and nothing in memory that would be trimmed.
    this.#reclaimer.poke(now, this.#sweepAfterMs())
    while (this.#store.saturated) {
      await this.#store.written()
      this.trim(now)
    }
  }

  /** The states of an instance that is not in memory, without bringing it there; undefined when it has none. */
  peek(type: FunctionType, id: string): Instance | undefined {
    const number = this.#number(type)
    const hash = this.#hash.of(number, id)
    const store = this.#store
    for (let nth = 0; store.index.find(hash, nth, this.#found); nth++) {
      store.readNow(this.#found)
      if (!isRecordOf(store.readBuffer, store.readAt, number, id)) continue
      const instance = new Instance(type, id)
      readStates(store.readBuffer, store.readAt, instance)
      type.valueBytes -= instance.valueBytes
      return instance
    }
    return undefined
  }

  /** Ids of a type's instances on disk, at most `limit`. */
  async ids(type: FunctionType, limit: number): Promise<string[]> {
    const number = this.#number(type)
    const ids: string[] = []
    if (limit === 0) return ids
    this.#store.pin()
    try {
      for (const segment of [...this.#store.segments.values()]) {
        for await (const block of recordBlocks(this.#store, segment, 0, segment.bytes)) {
          this.#store.forEachLive(segment, block, (at) => {
            if (ids.length === limit) return
            let id: string | undefined
            visitRecord(block.buffer, at, (recordType, start, end) => {
              if (recordType === number) id ??= block.buffer.toString('utf8', start, end)
            })
            if (id !== undefined) ids.push(id)
          })
          if (ids.length === limit) return ids
        }
      }
    } finally {
      this.#store.unpin()
    }
    return ids
  }

  /** For a base snapshot; see {@link SpillScan}. */
  scan(): SpillScan {
    return new SpillScan(this.#store, this.#types)
  }

  /** It is on disk, or one with the same hash. */
  #fetch(instance: Instance): void {
    if (this.#restoring || this.#patience.next()) {
      this.#loadNow(instance)
      return
    }
    instance.loading = true
    this.loading.add(instance)
    this.#asked.push(instance)
  }

  #loadNow(instance: Instance): void {
    const { clock } = this.#options
    const store = this.#store
    const number = this.#number(instance.type)
    const { hash } = instance
    const began = clock.monotonic()
    for (let nth = 0; store.index.find(hash, nth, this.#found); nth++) {
      store.readNow(this.#found)
      if (!isRecordOf(store.readBuffer, store.readAt, number, instance.id)) continue
      readStates(store.readBuffer, store.readAt, instance)
      if (this.#leftLately(this.#found)) instance.calls++
      store.remove(hash, this.#found)
      break
    }
    if (!this.#restoring) this.#patience.took(clock.monotonic() - began)
  }

  async #load(instance: Instance): Promise<void> {
    const store = this.#store
    const number = this.#number(instance.type)
    const { hash } = instance
    for (let nth = 0; store.index.find(hash, nth, this.#found); nth++) {
      const found = { ...this.#found }
      const record = await store.read(store.segments.get(found.segment)!, found.offset, found.length)
      if (this.#closed) return
      if (!store.index.has(hash, found.segment, found.offset)) {
        // The reclaimer was faster: it is elsewhere now.
        nth = -1
      } else if (isRecordOf(record, 0, number, instance.id)) {
        readStates(record, 0, instance)
        if (this.#leftLately(found)) instance.calls++
        store.remove(hash, found)
        break
      }
    }
    this.loading.delete(instance)
    instance.loading = false
    this.#options.loaded(instance)
  }

  /**
   * Decides on those that came before the last few: one that is called again and again stays, the others go, and never
   * become garbage of the old generation. While there is room, all stay.
   *
   * @returns bytes that became free
   */
  #letPass(excess: number, now: number): number {
    const passing = this.#passing
    let freed = 0
    for (let left = passing.size - this.#maxPassing; left > 0 && !this.#store.saturated; left--) {
      const instance = passing.shift()!
      const stays = excess <= freed || instance.calls > 1
      if (!stays && !instance.evictable) {
        passing.push(instance)
        continue
      }
      instance.passing = false
      const bytes = stays ? 0 : this.#evict(instance, now)
      freed += bytes
      if (bytes === 0) instance.type.instances.set(instance.id, instance)
    }
    return freed
  }

  /** With an entry more, the cache would have had it still: as many records as it has room for came after this one. */
  #leftLately({ segment, offset, length }: Location): boolean {
    const after = this.#store.bytesAfter(segment, offset)
    return after * (INSTANCE_BYTES + length) < this.#cacheBytes * length
  }

  /** @returns bytes that become free with the instance; 0 when it has to stay */
  #evict(instance: Instance, now: number): number {
    if (!this.#write(instance, now)) return 0
    const bytes = instance.valueBytes
    instance.type.valueBytes -= bytes
    return INSTANCE_BYTES + bytes
  }

  /** False when it has to stay in memory. */
  #write(instance: Instance, now: number): boolean {
    const store = this.#store
    const { hash } = instance
    store.reserve(recordBound(instance))
    const end = writeRecord(store.buffer, store.at, hash, this.#number(instance.type), instance, now)
    if (end === -1) return false
    if (end > store.at) store.commit(hash, end)
    return true
  }

  /** All instances of all types, over and over. */
  #nextInHand(): Instance | undefined {
    const types = this.#types
    for (let tries = types.length; tries >= 0; tries--) {
      const next = this.#hand?.next()
      if (next !== undefined && next.done !== true) return next.value
      if (types.length === 0) return undefined
      this.#handType = (this.#handType + 1) % types.length
      this.#hand = types[this.#handType]!.instances.values()
    }
    return undefined
  }

  #number(type: FunctionType): number {
    const known = this.#numbers.get(type)
    if (known !== undefined) return known
    const number = this.#types.length
    this.#types.push(type)
    this.#numbers.set(type, number)
    return number
  }

  #expired(from: Buffer, at: number, now: number): boolean {
    let alive = false
    visitRecord(from, at, (type, _start, _end, slot, stamp) => {
      alive ||= !isExpired(this.#types[type]!, slot, stamp, now)
    })
    return !alive
  }

  /** As soon as a state would expire that was stored when the last sweep began, within reason. */
  #sweepAfterMs(): number | undefined {
    let shortest = Number.POSITIVE_INFINITY
    for (const type of this.#types) {
      if (!type.expires) continue
      for (const { expireMode, expireAfterMs } of type.states)
        if (expireMode !== 'none') shortest = Math.min(shortest, expireAfterMs)
    }
    if (shortest === Number.POSITIVE_INFINITY) return undefined
    return Math.min(Math.max(shortest, MIN_SWEEP_MS), MAX_SWEEP_MS)
  }

  #poke(): void {
    const { clock } = this.#options
    this.#reclaimer.poke(clock.now(), this.#sweepAfterMs())
    this.#cancelPoke = clock.after(POKE_MS, () => this.#poke())
  }
}

/** Instances that are being read at most; their messages are in memory. */
const MAX_LOADING = 16384
