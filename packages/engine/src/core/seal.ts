import type { FunctionType } from './function-type.ts'
import type { Instance } from './instance.ts'
import type { ParkedMessages, PendingMessages } from './sealed-epoch.ts'

/**
 * What was received and not answered: of the addresses with a call under way, of those that wait for one, and of those
 * whose states are not there yet.
 */
export function sealPending(
  inFlight: Iterable<Instance>,
  ready: Iterable<FunctionType>,
  loading: Iterable<Instance>,
): readonly PendingMessages[] {
  const pending: PendingMessages[] = []
  for (const instance of inFlight) {
    const { backlog, isolate } = instance
    const batch = instance.inFlight!
    pending.push({
      instance,
      messages: backlog.length === 0 ? batch : [...batch, ...backlog],
      length: batch.length + backlog.length,
      // A message on its way that was sent alone is sent alone again: it may be the one that the others must not go with.
      isolate: batch.length === 1 ? isolate + 1 : 0,
    })
  }
  for (const type of ready) {
    for (const instance of type.ready) {
      const { backlog, isolate } = instance
      pending.push({ instance, messages: backlog, length: backlog.length, isolate })
    }
  }
  for (const instance of loading) {
    const { backlog, isolate, queued } = instance
    if (queued) pending.push({ instance, messages: backlog, length: backlog.length, isolate })
  }
  return pending
}

/**
 * What parked addresses have received since the epoch before, and which are parked no more.
 *
 * @param logged how many messages of each parked address the log holds; brought up to date
 */
export function sealParked(
  changed: Iterable<Instance>,
  logged: Map<Instance, number>,
): readonly ParkedMessages[] {
  const parked: ParkedMessages[] = []
  for (const instance of changed) {
    const from = logged.get(instance)
    if (from === undefined) {
      parked.push({ instance, from: 0, messages: [], parked: false })
    } else {
      parked.push({ instance, from, messages: instance.backlog.slice(from), parked: true })
      logged.set(instance, instance.backlog.length)
    }
  }
  return parked
}
