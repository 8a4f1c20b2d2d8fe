import { type BaseEnd, damaged, decodeObject, type ObjectHeader, parsed } from './checkpoint-objects.ts'
import { FrameKind } from './frame.ts'
import { BASE_PREFIX, baseEndKey, LOG_PREFIX, logKey, slotOfBase, slotOfLog } from './object-keys.ts'
import type { ObjectStore } from './object-store.ts'

/** A snapshot that counts. */
export interface CompleteBase {
  readonly slot: number
  readonly header: ObjectHeader
  readonly end: BaseEnd
}

/** What a recovery has to read. */
export interface ObjectLog {
  /** The newest one. */
  readonly base: CompleteBase | undefined
  /** From the snapshot's slot on, or from the first; without gaps. */
  readonly slots: readonly LogSlot[]
}

/** An object of the log. */
export interface LogSlot {
  readonly slot: number
  readonly bytes: number
}

/** Where an object lies, for messages. */
export function objectUrl(store: ObjectStore, key: string): string {
  return `${store.url}/${key}`
}

/**
 * Finds what a prefix holds.
 *
 * @throws StatefunError `SF_CHECKPOINT_CORRUPT` when a slot is missing
 */
export async function listLog(store: ObjectStore): Promise<ObjectLog> {
  for (;;) {
    const newest = (await completeBases(store)).at(-1)
    const first = newest ?? 1
    const slots: LogSlot[] = []
    for await (const slot of listSlots(store, first)) slots.push(slot)
    const gap = slots.findIndex(({ slot }, index) => slot !== first + index)
    const missing = gap !== -1 ? first + gap : newest !== undefined && slots.length === 0 ? newest : undefined
    if (missing === undefined) {
      if (newest === undefined) return { base: undefined, slots }
      const base = await readBaseEnd(store, newest)
      if (base === undefined) continue
      return { base, slots }
    }
    // An engine that is alive may have taken two snapshots between the two listings, and removed what came before.
    if ((await completeBases(store)).at(-1) === newest) {
      throw damaged(objectUrl(store, logKey(missing)), 'the object is missing')
    }
  }
}

/** The log objects from slot `first` on, in order. */
export async function* listSlots(store: ObjectStore, first: number): AsyncGenerator<LogSlot> {
  // Slots are from 1 on, so there is a number before the first.
  for await (const { key, bytes } of store.list(LOG_PREFIX, logKey(first - 1))) {
    const slot = slotOfLog(key)
    if (slot !== undefined) yield { slot, bytes }
  }
}

/** The slots of all snapshots that count, in order. */
export async function completeBases(store: ObjectStore): Promise<number[]> {
  const slots: number[] = []
  for await (const { key } of store.list(BASE_PREFIX)) {
    const base = slotOfBase(key)
    if (base?.isEnd === true) slots.push(base.slot)
  }
  return slots
}

/**
 * Reads what a snapshot says of itself; undefined when it was removed meanwhile.
 *
 * @throws StatefunError `SF_CHECKPOINT_CORRUPT`
 */
export async function readBaseEnd(store: ObjectStore, slot: number): Promise<CompleteBase | undefined> {
  const key = baseEndKey(slot)
  const url = objectUrl(store, key)
  const bytes = await store.get(key)
  if (bytes === undefined) return undefined
  const { header, frames } = decodeObject(url, bytes)
  const frame = frames.find(({ kind }) => kind === FrameKind.baseEnd)
  if (frame === undefined) throw damaged(url, 'the snapshot has no list of its parts')
  return { slot, header, end: parsed<BaseEnd>(frame, url) }
}
