import type { Instance } from '../../core/instance.ts'
import type { SealedEpoch } from '../../core/sealed-epoch.ts'
import { CoreHarness } from '../../core/testing/core-harness.ts'
import type { DiskStateSettings } from '../../state/disk-state.ts'
import { ByteWriter } from '../byte-writer.ts'
import { encodeEpoch } from '../encode-epoch.ts'
import type { Frame } from '../frame.ts'
import { type Restored, restore } from '../restore.ts'
import type { CheckpointStorage } from '../storage.ts'

/** The bytes of an epoch, encoded in one go. */
export function encoded(sealed: SealedEpoch): Buffer {
  const slices = encodeEpoch(sealed, new ByteWriter(0))
  for (;;) {
    const slice = slices.next()
    if (slice.done === true) return slice.value
  }
}

/** A storage that only holds frames. */
export function holding(frames: readonly Frame[]): CheckpointStorage {
  return {
    open: async () => undefined,
    async *recover() {
      yield* frames
    },
    identity: { app: 'test', lineage: 'test', parent: undefined },
    append: () => Promise.reject(new Error('read only')),
    beginBase: () => Promise.reject(new Error('read only')),
    logBytes: 0,
    baseBytes: 0,
    close: async () => undefined,
  }
}

/** A new core with what the frames hold. */
export async function replayed(
  frames: readonly Frame[],
  now?: number,
  disk?: DiskStateSettings,
): Promise<Restored & { readonly harness: CoreHarness }> {
  const harness = new CoreHarness({ policy: { type: 'park' }, disk })
  harness.now = now ?? harness.now
  return { harness, ...(await restore(holding(frames), harness.core, harness.now, harness.disk)) }
}

/** An instance with its states, wherever they are. */
interface Held {
  readonly instance: Instance
  readonly states: Instance
}

async function heldInstances({ core, disk }: CoreHarness): Promise<Held[]> {
  const held: Held[] = []
  for (const type of core.types) {
    for (const id of (await disk?.ids(type, 1000)) ?? []) {
      const states = disk!.peek(type, id)!
      const inMemory = type.inMemory(id)
      // Only one that is being read is in both.
      if (inMemory?.loading === false) throw new Error(`${id} is in memory and on disk`)
      held.push({ instance: inMemory ?? states, states })
    }
    const onDisk = new Set(held.map(({ instance }) => instance))
    for (const instance of type.allInMemory()) {
      if (!onDisk.has(instance)) held.push({ instance, states: instance })
    }
  }
  return held
}

/**
 * What a restore has to bring back, independent of how it is held: an instance that has neither a value nor a message is
 * as good as none.
 *
 * @param gone states that count as not there
 */
export async function picture(
  harness: CoreHarness,
  gone: (states: Instance, slot: number) => boolean = () => false,
): Promise<unknown> {
  const { core } = harness
  const instances = (await heldInstances(harness)).map(({ instance, states }) => ({
    function: instance.type.typename,
    id: instance.id,
    values: Object.fromEntries(
      instance.type.states.flatMap(({ name }, slot) => {
        const value = states.value(slot)
        return value === undefined || gone(states, slot) ? [] : [[name, Buffer.from(value).toString()]]
      }),
    ),
    messages: [...(instance.inFlight ?? []), ...instance.backlog].map(({ argument }) =>
      Buffer.from(argument.value).toString(),
    ),
    parked: instance.parked,
  }))
  const timers = [...core.timers.values()].map(({ sequence, due, target, token, invocation }) => ({
    sequence,
    due,
    target,
    token,
    tokenTaken: token !== undefined && core.timers.hasToken(invocation.caller?.id ?? '', token),
    text: Buffer.from(invocation.argument.value).toString(),
    caller: invocation.caller,
  }))
  const key = (instance: { function: string; id: string }) => `${instance.function} ${instance.id}`
  return {
    instances: instances
      .filter(({ values, messages }) => messages.length > 0 || Object.keys(values).length > 0)
      .sort((a, b) => (key(a) < key(b) ? -1 : 1)),
    parked: [...core.parkedInstances()].map((instance) => `${instance.type.typename} ${instance.id}`).sort(),
    timers: timers.sort((a, b) => a.sequence - b.sequence),
    nextTimer: core.nextTimer,
    pendingMessages: core.pendingMessages,
    pendingBytes: core.pendingBytes,
  }
}
