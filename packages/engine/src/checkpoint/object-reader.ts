import { StatefunError } from '@statefun/protocol'
import { damaged, decodeObject, isClaimSize, type ObjectHeader } from './checkpoint-objects.ts'
import { readPrologue } from './decode-epoch.ts'
import { FrameKind } from './frame.ts'
import { baseEndKey, logKey } from './object-keys.ts'
import {
  type CompleteBase,
  completeBases,
  type LogSlot,
  listSlots,
  objectUrl,
  readBaseEnd,
} from './object-log.ts'
import type { ObjectStore } from './object-store.ts'
import { replayObjects } from './replay-objects.ts'
import { noEpoch, snapshotFor } from './snapshot-for.ts'
import type {
  CheckpointListing,
  CheckpointReader,
  FramesOptions,
  LocatedFrame,
  LogInfo,
  SnapshotInfo,
} from './storage.ts'

/** A place to begin with, and the log up to the next one. */
interface Start {
  readonly base: CompleteBase | undefined
  readonly firstEpoch: number
  readonly slots: readonly LogSlot[]
}

/** Reads the checkpoint in a bucket; neither writes nor claims anything. */
export class ObjectReader implements CheckpointReader {
  readonly #store: ObjectStore

  constructor(store: ObjectStore) {
    this.#store = store
  }

  async list(): Promise<CheckpointListing | undefined> {
    const starts = await this.#starts()
    const newest = starts.at(-1)
    const last = newest?.slots.at(-1)
    if (newest === undefined) return undefined
    const header = newest.base?.header ?? (await this.#read(last!))?.header
    if (header === undefined) return undefined
    const logs: LogInfo[] = []
    for (const start of starts) logs.push(await this.#log(start))
    const { app, lineage, parent, savepoint } = header
    return {
      identity: { app, lineage, parent },
      savepoint,
      snapshots: starts.map(snapshotOf),
      logs,
      newestEpoch: logs.at(-1)!.lastEpoch,
      newestTime: logs.findLast(({ lastTime }) => lastTime !== undefined)?.lastTime,
    }
  }

  async *frames(options: FramesOptions = {}): AsyncGenerator<LocatedFrame> {
    const { url } = this.#store
    const starts = await this.#starts()
    const snapshots = starts.map(snapshotOf)
    const { firstEpoch } = snapshotFor(snapshots, options, url)
    const from = starts.findIndex((start) => start.firstEpoch === firstEpoch)
    const { base } = starts[from]!
    const slots = starts.slice(from).flatMap((start) => start.slots)
    const tail = { lastEpoch: 0, baseBytes: 0, logBytes: 0 }
    const { epoch } = options
    try {
      for await (const frame of replayObjects(this.#store, { base, slots }, tail, () => undefined)) {
        if (frame.kind === FrameKind.epoch && epoch !== undefined && tail.lastEpoch > epoch) return
        yield frame
      }
    } catch (error) {
      throw (await this.#removed(base)) ?? error
    }
    if (epoch !== undefined && tail.lastEpoch < epoch) throw noEpoch(epoch, snapshots, url)
  }

  /** Where a replay can begin, in order. */
  async #starts(): Promise<Start[]> {
    // The log first: what an engine removes or adds between the two listings is then left out or not needed.
    const all: LogSlot[] = []
    for await (const slot of listSlots(this.#store, 1)) all.push(slot)
    const last = all.at(-1)?.slot ?? 0
    const bases: CompleteBase[] = []
    for (const slot of await completeBases(this.#store)) {
      const base = await readBaseEnd(this.#store, slot)
      if (base !== undefined && (slot <= last || slot === 1)) bases.push(base)
    }
    const first = bases[0]
    // Of a log that was shortened only claims are left at the beginning.
    const beginning = all.filter(({ slot }, index) => slot === index + 1)
    const reaches = (beginning.at(-1)?.slot ?? 0) + 1 >= (first?.slot ?? last + 1)
    // One that begins with the first epoch stands for the empty beginning.
    const begins = first?.end.firstEpoch !== 1 && all.length > 0 && reaches
    if (first === undefined && all.length > 0 && !begins) throw this.#gap(beginning.length + 1)
    const slotsOf = (from: number, to: number) => {
      const slots = all.filter(({ slot }) => slot >= from && slot < to)
      const gap = slots.findIndex(({ slot }, index) => slot !== from + index)
      if (gap !== -1) throw this.#gap(from + gap)
      return slots
    }
    const ends = [...bases.map(({ slot }) => slot), Number.POSITIVE_INFINITY]
    return [
      ...(begins ? [{ base: undefined, firstEpoch: 1, slots: slotsOf(1, ends[0]!) }] : []),
      ...bases.map((base, index) => ({
        base,
        firstEpoch: base.end.firstEpoch,
        slots: slotsOf(base.slot, ends[index + 1]!),
      })),
    ]
  }

  async #log({ firstEpoch, slots }: Start): Promise<LogInfo> {
    const epochs = slots.filter(({ bytes }) => !isClaimSize(bytes))
    const [first, last] = [epochs[0], epochs.at(-1)]
    return {
      name: logKey(slots[0]?.slot ?? 1),
      firstEpoch,
      lastEpoch: firstEpoch + epochs.length - 1,
      bytes: slots.reduce((sum, { bytes }) => sum + bytes, 0),
      firstTime: first === undefined ? undefined : (await this.#read(first))?.time,
      lastTime: last === undefined ? undefined : (await this.#read(last))?.time,
    }
  }

  /** Undefined when it was removed meanwhile. */
  async #read({
    slot,
  }: LogSlot): Promise<{ readonly header: ObjectHeader; readonly time: number | undefined } | undefined> {
    const object = await this.#store.get(logKey(slot))
    if (object === undefined) return undefined
    const { header, frames } = decodeObject(objectUrl(this.#store, logKey(slot)), object)
    const epoch = frames.find(({ kind }) => kind === FrameKind.epoch)
    return { header, time: epoch === undefined ? undefined : readPrologue(epoch.payload).time }
  }

  /** Objects cannot be kept from an engine that removes what it needs no more. */
  async #removed(base: CompleteBase | undefined): Promise<StatefunError | undefined> {
    const key = base === undefined ? logKey(1) : baseEndKey(base.slot)
    const isThere = base === undefined || (await this.#store.get(key)) !== undefined
    if (isThere) return undefined
    return new StatefunError('SF_CHECKPOINT_REMOVED', 'the engine removed the snapshot while it was read', {
      where: objectUrl(this.#store, key),
      hint: 'try again; if that does not help, keep more snapshots (checkpoint.retain)',
    })
  }

  #gap(slot: number): StatefunError {
    return damaged(objectUrl(this.#store, logKey(slot)), 'the object is missing')
  }
}

function snapshotOf({ base, firstEpoch }: Start): SnapshotInfo {
  if (base === undefined) return { name: undefined, firstEpoch, validFrom: 1, bytes: 0, time: undefined }
  const { validFrom, time, parts } = base.end
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
  return { name: baseEndKey(base.slot).replace(/\/end$/, ''), firstEpoch, validFrom, bytes, time }
}
