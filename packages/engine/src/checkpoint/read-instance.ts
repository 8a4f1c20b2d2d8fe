import type { Address } from '@statefun/protocol'
import { decodeFrame } from './decode-frame.ts'
import { FrameKind } from './frame.ts'
import type { LocatedFrame } from './storage.ts'

/** What a checkpoint holds of one function instance. */
export interface InstanceSummary {
  readonly epoch: number
  readonly states: readonly {
    readonly name: string
    readonly typename: string
    readonly value: Uint8Array
    /** When its time to live began to run, in epoch milliseconds; undefined when it has none. */
    readonly stamp: number | undefined
  }[]
  /** Messages that wait or were being worked on, and those kept after a failure. */
  readonly pending: number
  readonly parked: number
  /** Delayed messages for it: when they are due, in epoch milliseconds, ascending. */
  readonly timers: readonly number[]
}

/** Reads one function instance out of the frames. */
export async function readInstance(
  frames: AsyncIterable<LocatedFrame>,
  address: Address,
): Promise<InstanceSummary> {
  const states = new Map<string, InstanceSummary['states'][number]>()
  const timers = new Map<number, number>()
  let current = 0
  let pending = 0
  let parked = 0
  const isIt = (other: Address) =>
    other.type === address.type && other.namespace === address.namespace && other.id === address.id
  for await (const frame of frames) {
    decodeFrame(frame, {
      epoch(epoch) {
        if (frame.kind !== FrameKind.epoch) return
        current = epoch
        pending = 0
      },
      position: () => undefined,
      state(element) {
        if (!isIt(element)) return
        const { name, typename, value, stamp } = element
        if (value === undefined) states.delete(name)
        else states.set(name, { name, typename, value, stamp: stamp === 0 ? undefined : stamp })
      },
      pending(target, _isolate, messages) {
        if (isIt(target)) pending += messages.length
      },
      parked(target, from, isParked, messages) {
        if (isIt(target)) parked = isParked ? from + messages.length : 0
      },
      timerAdded(sequence, due, target) {
        if (isIt(target)) timers.set(sequence, due)
      },
      timerRemoved(sequence) {
        timers.delete(sequence)
      },
      outbox: () => undefined,
    })
  }
  return {
    epoch: current,
    states: [...states.values()],
    pending,
    parked,
    timers: [...timers.values()].sort((a, b) => a - b),
  }
}
