import { decodeFrame } from './decode-frame.ts'
import { FRAME_HEADER_BYTES, FrameKind } from './frame.ts'
import { outboxValues } from './outbox-values.ts'
import type { LocatedFrame } from './storage.ts'

/** What an epoch of a checkpoint holds, in numbers. */
export interface CheckpointSummary {
  /** 0 when there is none. */
  readonly epoch: number
  /** When it was cut, in epoch milliseconds. */
  readonly time: number
  readonly positions: readonly PositionSummary[]
  readonly functions: readonly FunctionSummary[]
  readonly timers: {
    readonly count: number
    /** When the first one is due, in epoch milliseconds. */
    readonly earliest: number | undefined
  }
  readonly outboxes: readonly OutboxSummary[]
}

export interface PositionSummary {
  readonly ingress: string
  readonly partition: string
  readonly position: string
}

export interface FunctionSummary {
  readonly typename: string
  /** Ids that have a state. */
  readonly instances: number
  readonly states: number
  /** Of the states' values; those that have expired count until something takes them away. */
  readonly bytes: number
  /** Messages that wait or were being worked on, and those kept after a failure. */
  readonly pending: number
  readonly parkedIds: number
  readonly parked: number
}

export interface OutboxSummary {
  readonly egress: string
  /** The last epoch that was known to be published. */
  readonly published: number
  /** Records since, and their bytes. */
  readonly waiting: number
  readonly waitingBytes: number
}

interface Tally {
  /** By id: the bytes of each state by slot, -1 where there is none. */
  readonly ids: Map<string, number[]>
  readonly slots: Map<string, number>
  pending: number
  readonly parked: Map<string, number>
}

/**
 * Counts what the frames hold. Values and messages are not kept; memory goes with the number of ids and of delayed messages.
 *
 * @param progress told of the bytes read so far, for each frame
 * @throws StatefunError `SF_CHECKPOINT_CORRUPT`
 */
export async function summarizeCheckpoint(
  frames: AsyncIterable<LocatedFrame>,
  progress: (bytes: number) => void = () => undefined,
): Promise<CheckpointSummary> {
  const functions = new Map<string, Tally>()
  const timers = new Map<number, number>()
  const outboxes = new Map<
    string,
    { published: number; waiting: { epoch: number; values: number; bytes: number }[] }
  >()
  let positions: PositionSummary[] = []
  let isEpoch = false
  let current = 0
  let cut = 0
  let bytes = 0

  const tallyOf = (namespace: string, type: string): Tally => {
    const typename = `${namespace}/${type}`
    let tally = functions.get(typename)
    if (tally === undefined) {
      tally = { ids: new Map(), slots: new Map(), pending: 0, parked: new Map() }
      functions.set(typename, tally)
    }
    return tally
  }
  for await (const frame of frames) {
    isEpoch = frame.kind === FrameKind.epoch
    decodeFrame(frame, {
      epoch(epoch, time) {
        if (!isEpoch) return
        current = epoch
        cut = time
        // These lists are complete in every epoch.
        positions = []
        for (const tally of functions.values()) tally.pending = 0
      },
      position(ingress, partition, position) {
        positions.push({ ingress, partition, position })
      },
      state({ namespace, type, id, name, deleted, valueStart, valueEnd }) {
        const { ids, slots } = tallyOf(namespace, type)
        let slot = slots.get(name)
        if (slot === undefined) {
          slot = slots.size
          slots.set(name, slot)
        }
        let sizes = ids.get(id)
        if (sizes === undefined) {
          if (deleted) return
          sizes = []
          ids.set(id, sizes)
        }
        while (sizes.length <= slot) sizes.push(-1)
        sizes[slot] = deleted ? -1 : valueEnd - valueStart
        if (deleted && sizes.every((size) => size === -1)) ids.delete(id)
      },
      pending({ namespace, type }, _isolate, messages) {
        tallyOf(namespace, type).pending += messages.length
      },
      parked({ namespace, type, id }, from, parked, messages) {
        const tally = tallyOf(namespace, type)
        if (parked) tally.parked.set(id, from + messages.length)
        else tally.parked.delete(id)
      },
      timerAdded(sequence, due) {
        timers.set(sequence, due)
      },
      timerRemoved(sequence) {
        timers.delete(sequence)
      },
      outbox(egress, published, values) {
        const before = outboxes.get(egress)?.waiting ?? []
        const waiting = before.filter(({ epoch }) => epoch > published)
        let records = 0
        for (const _ of outboxValues(values)) records++
        if (records > 0) waiting.push({ epoch: current, values: records, bytes: values.length })
        outboxes.set(egress, { published, waiting })
      },
    })
    bytes += FRAME_HEADER_BYTES + frame.payload.length
    progress(bytes)
  }

  let earliest: number | undefined
  for (const due of timers.values()) if (earliest === undefined || due < earliest) earliest = due
  return {
    epoch: current,
    time: cut,
    positions,
    functions: [...functions].map(([typename, tally]) => functionSummary(typename, tally)).sort(byTypename),
    timers: { count: timers.size, earliest },
    outboxes: [...outboxes].map(([egress, { published, waiting }]) => ({
      egress,
      published,
      waiting: waiting.reduce((sum, { values }) => sum + values, 0),
      waitingBytes: waiting.reduce((sum, sealed) => sum + sealed.bytes, 0),
    })),
  }
}

function functionSummary(typename: string, { ids, pending, parked }: Tally): FunctionSummary {
  let states = 0
  let bytes = 0
  for (const sizes of ids.values()) {
    for (const size of sizes) {
      if (size === -1) continue
      states++
      bytes += size
    }
  }
  const kept = [...parked.values()].reduce((sum, messages) => sum + messages, 0)
  return { typename, instances: ids.size, states, bytes, pending, parkedIds: parked.size, parked: kept }
}

function byTypename(a: FunctionSummary, b: FunctionSummary): number {
  return a.typename < b.typename ? -1 : 1
}
