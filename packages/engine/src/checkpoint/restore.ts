import { type Address, formatAddress, type Invocation, StatefunError } from '@statefun/protocol'
import type { Core } from '../core/core.ts'
import type { Instance } from '../core/instance.ts'
import { decodeEpoch, type EpochVisitor } from './decode-epoch.ts'
import { FrameKind } from './frame.ts'
import { type RestoreTarget, StateRestorer } from './restore-states.ts'
import type { CheckpointStorage } from './storage.ts'

/** What a recovery brought back besides the core's own content. */
export interface Restored {
  /** The last epoch of the checkpoint; 0 when there was none. */
  readonly epoch: number
  /** Positions by ingress id, then by partition name. */
  readonly positions: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** States read, for the log line. */
  readonly states: number
  /** By egress id: what may still have to be published. */
  readonly outboxes: ReadonlyMap<string, RestoredOutbox>
}

/** What a checkpoint knows of an exactly-once egress. */
export interface RestoredOutbox {
  /** The last epoch that was known to be published. */
  readonly published: number
  /** The epochs since, oldest first, those without records left out. */
  readonly unpublished: readonly { readonly epoch: number; readonly values: Uint8Array }[]
}

/** Messages of an address; its instance is made at the end, when nothing replayed later can take it away again. */
interface Kept {
  readonly target: Address
  readonly isolate: number
  readonly messages: Invocation[]
}

/**
 * Brings an empty core to the state of the newest durable epoch.
 *
 * @throws StatefunError `SF_CHECKPOINT_CORRUPT`, `SF_FUNCTION_UNKNOWN` when it holds messages for a function that nothing
 *   serves any more
 * @param disk where states go that do not fit into memory
 */
export async function restore(
  storage: CheckpointStorage,
  core: Core,
  now: number,
  disk?: RestoreTarget,
): Promise<Restored> {
  let epoch = 0
  let positions = new Map<string, Map<string, string>>()
  let pending: Kept[] = []
  const parked = new Map<string, Kept>()
  const outboxes = new Map<string, RestoredOutbox>()
  const states = new StateRestorer(core, now, disk)

  const instanceOf = (address: Address): Instance =>
    core.types.restored(address.namespace, address.type).instance(address.id)
  const content: Omit<EpochVisitor, 'epoch'> = {
    position(ingress, partition, position) {
      let partitions = positions.get(ingress)
      if (partitions === undefined) {
        partitions = new Map()
        positions.set(ingress, partitions)
      }
      partitions.set(partition, position)
    },
    state(element) {
      states.restore(element)
    },
    pending(target, isolate, messages) {
      pending.push({ target, isolate, messages })
    },
    parked(target, from, isParked, messages) {
      const key = formatAddress(target)
      const before = parked.get(key)?.messages ?? []
      if (isParked) parked.set(key, { target, isolate: 0, messages: [...before.slice(0, from), ...messages] })
      else parked.delete(key)
    },
    timerAdded(sequence, due, target, token, invocation) {
      core.timers.replayAdded({ sequence, due, target, invocation, token })
    },
    timerRemoved(sequence) {
      core.timers.replayRemoved(sequence)
    },
    outbox(egress, published, values) {
      const before = outboxes.get(egress)?.unpublished ?? []
      const unpublished = before.filter((sealed) => sealed.epoch > published)
      if (values.length > 0) unpublished.push({ epoch, values })
      outboxes.set(egress, { published, unpublished })
    },
  }

  for await (const frame of storage.recover()) {
    const isEpoch = frame.kind === FrameKind.epoch
    const visitor: EpochVisitor = {
      ...content,
      epoch(number, _time, nextTimer) {
        if (!isEpoch) return
        if (epoch !== 0 && number !== epoch + 1) {
          throw new RangeError(`epoch ${number} follows epoch ${epoch}`)
        }
        epoch = number
        core.nextTimer = nextTimer
        // These lists are complete in every epoch.
        pending = []
        positions = new Map()
      },
    }
    try {
      decodeEpoch(frame.payload, visitor)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new StatefunError('SF_CHECKPOINT_CORRUPT', `the checkpoint cannot be read after epoch ${epoch}`, {
        cause: error,
        hint: 'restore the checkpoint folder from a copy; to give up its state and begin anew, move the folder away',
      })
    }
    await disk?.makeRoom(now)
  }
  disk?.restored()

  core.epoch = epoch + 1
  core.timers.replayed(core.nextTimer)
  core.unclaimed = [...positions].flatMap(([ingress, partitions]) =>
    [...partitions].map(([partition, position]) => ({ ingress, partition, position })),
  )
  for (const { target, messages } of parked.values())
    core.restoreMessages(instanceOf(target), messages, 0, true)
  for (const { target, isolate, messages } of pending) {
    // Only what is sent needs a function that is there (contract 1.4); state and parked messages are just kept.
    core.types.get(target.namespace, target.type, 'messages of the checkpoint')
    core.restoreMessages(instanceOf(target), messages, isolate, false)
  }
  return { epoch, positions, states: states.count, outboxes }
}
