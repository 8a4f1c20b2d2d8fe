import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SealedEpoch } from '../core/sealed-epoch.ts'
import { CoreHarness, text } from '../core/testing/core-harness.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { decodeEpoch } from './decode-epoch.ts'
import { encodeBase, encodeEpoch } from './encode-epoch.ts'
import { type Frame, FrameKind } from './frame.ts'
import { restore } from './restore.ts'
import type { CheckpointStorage } from './storage.ts'

const SPEC = {
  stateName: 'seen',
  typename: 'test/text',
  expireMode: 'after-write',
  expireAfterMs: 1000,
} as const

function encoded(sealed: SealedEpoch): Buffer {
  const slices = encodeEpoch(sealed)
  for (;;) {
    const slice = slices.next()
    if (slice.done === true) return slice.value
  }
}

/** A storage that only holds frames. */
function holding(frames: Frame[]): CheckpointStorage {
  return {
    open: async () => undefined,
    async *recover() {
      yield* frames
    },
    append: () => Promise.reject(new Error('read only')),
    beginBase: () => Promise.reject(new Error('read only')),
    logBytes: 0,
    baseBytes: 0,
    close: async () => undefined,
  }
}

/** A core with a bit of everything: state, a call under way, a backlog, a parked address, delayed messages. */
function busyCore(): CoreHarness {
  const harness = new CoreHarness({ policy: { type: 'park' } })
  harness.run(harness.feed([['a', '1']]))
  harness.answerIncomplete(SPEC)
  harness.answer({
    state: [{ stateName: 'seen', value: text('a!') }],
    delayed: [
      {
        kind: 'send',
        delayMs: 50,
        target: { namespace: 'test', type: 'fn', id: 'later' },
        argument: text('late'),
        token: 'tok',
      },
      {
        kind: 'send',
        delayMs: 60,
        target: { namespace: 'test', type: 'fn', id: 'later' },
        argument: text('later'),
        token: undefined,
      },
    ],
  })
  harness.run(harness.feed([['p', 'bad']]))
  harness.fail(new (class extends Error {})() as never)
  harness.run(
    harness.feed([
      ['p', 'kept'],
      ['b', '2'],
      ['b', '3'],
    ]),
  )
  harness.run(harness.feed([['b', '4']]))
  return harness
}

async function restored(
  frames: Frame[],
): Promise<{ harness: CoreHarness; epoch: number; positions: unknown }> {
  const harness = new CoreHarness({ policy: { type: 'park' } })
  const { epoch, positions } = await restore(holding(frames), harness.core, harness.now)
  return {
    harness,
    epoch,
    positions: Object.fromEntries([...positions].map(([k, v]) => [k, Object.fromEntries(v)])),
  }
}

/** What can be told of a core from outside. */
function picture(harness: CoreHarness): unknown {
  const { core } = harness
  const instances = [...core.types].flatMap((type) =>
    [...type.instances.values()].map((instance) => ({
      function: type.typename,
      id: instance.id,
      values: instance.values.map((value) => (value === undefined ? null : Buffer.from(value).toString())),
      messages: [...(instance.inFlight ?? []), ...instance.backlog].map(({ argument }) =>
        Buffer.from(argument.value).toString(),
      ),
      parked: instance.parked,
    })),
  )
  const timers = [...core.timers.values()].map(({ sequence, due, target, token, invocation }) => ({
    sequence,
    due,
    target,
    token,
    text: Buffer.from(invocation.argument.value).toString(),
    caller: invocation.caller,
  }))
  return {
    instances: instances.sort((a, b) => (a.id < b.id ? -1 : 1)),
    timers: timers.sort((a, b) => a.sequence - b.sequence),
    nextTimer: core.nextTimer,
  }
}

describe('an epoch', () => {
  it('brings everything back: state, calls under way, backlogs, parked and delayed messages, positions', async () => {
    const before = busyCore()
    const frame = { kind: FrameKind.epoch, payload: encoded(before.core.seal(before.now)) }
    const { harness, epoch, positions } = await restored([frame])
    expect(epoch).toBe(1)
    expect(positions).toEqual({ 'test/in': { 'topic/0': '1' } })
    expect(picture(harness)).toEqual(picture(before))
    expect(picture(harness)).toMatchObject({
      instances: [
        { id: 'a', values: ['a!'] },
        { id: 'b', messages: ['2', '3', '4'] },
        { id: 'p', messages: ['bad', 'kept'], parked: true },
      ],
    })
    expect(harness.core.timers.hasToken('a', 'tok')).toBe(true)
  })

  it('is not changed by what happens after the cut', async () => {
    const before = busyCore()
    const then = picture(before)
    const sealed = before.core.seal(before.now)
    before.answer({ state: [{ stateName: 'seen', value: text('new') }] })
    before.run(
      before.feed([
        ['a', 'x'],
        ['p', 'y'],
      ]),
    )
    before.core.fire(before.now + 100, 10)
    const { harness } = await restored([{ kind: FrameKind.epoch, payload: encoded(sealed) }])
    expect(picture(harness)).toEqual(then)
  })

  it('holds only changes: later epochs build on earlier ones', async () => {
    const before = busyCore()
    const frames = [{ kind: FrameKind.epoch, payload: encoded(before.core.seal(before.now)) }]
    before.answer({ state: [{ stateName: 'seen', value: text('b!') }] })
    before.run(before.feed([['p', 'more']]))
    before.core.fire(before.now + 50, 10)
    before.core.pump(before.now)
    before.answer()
    before.answer({ state: [{ stateName: 'seen', value: undefined }] })
    frames.push({ kind: FrameKind.epoch, payload: encoded(before.core.seal(before.now)) })
    const [p] = [...before.core.parkedInstances()]
    before.core.redrive(p!)
    frames.push({ kind: FrameKind.epoch, payload: encoded(before.core.seal(before.now)) })
    const { harness } = await restored(frames)
    expect(picture(harness)).toEqual(picture(before))
    expect(frames[2]!.payload.length).toBeLessThan(frames[0]!.payload.length)
  })

  it('may be preceded by a snapshot that was taken while the job went on', async () => {
    const before = busyCore()
    before.core.seal(before.now)
    const base: Frame[] = []
    const epochs: Frame[] = []
    const content = {
      types: before.core.types,
      timers: before.core.timers.values(),
      parked: before.core.parkedInstances(),
    }
    // The log of the snapshot begins with the epoch that is open when its scan begins.
    const chunks = encodeBase({ ...content, epoch: before.core.epoch, time: before.now })
    before.run(before.feed([['a', 'changes during the scan']]))
    base.push({ kind: FrameKind.baseChunk, payload: chunks.next().value as Buffer })
    before.answer()
    before.answer({ state: [{ stateName: 'seen', value: text('a?') }] })
    before.core.fire(before.now + 50, 1)
    expect(chunks.next().done).toBe(true)
    epochs.push({ kind: FrameKind.epoch, payload: encoded(before.core.seal(before.now)) })
    const { harness } = await restored([...base, ...epochs])
    expect(picture(harness)).toEqual(picture(before))
  })

  it('is refused when it is damaged, never misread', async () => {
    const sealed = busyCore().core.seal(0)
    const payload = encoded(sealed)
    const ignore = () => undefined
    const visitor = {
      epoch: ignore,
      position: ignore,
      state: ignore,
      pending: ignore,
      parked: ignore,
      timerAdded: ignore,
      timerRemoved: ignore,
    }
    for (let length = 0; length < payload.length; length++) {
      expect(() => decodeEpoch(payload.subarray(0, length), visitor)).toThrow(RangeError)
    }
    expect(() => decodeEpoch(Buffer.concat([payload, Buffer.of(0)]), visitor)).toThrow(RangeError)
  })

  it('is refused when one before it is missing', async () => {
    const before = busyCore()
    before.core.seal(before.now)
    const second = before.core.seal(before.now)
    before.core.seal(before.now)
    const frames = [second, before.core.seal(before.now)]
    await expect(
      restored(frames.map((sealed) => ({ kind: FrameKind.epoch, payload: encoded(sealed) }))),
    ).rejects.toMatchObject({
      code: 'SF_CHECKPOINT_CORRUPT',
      cause: expect.objectContaining({ message: 'epoch 4 follows epoch 2' }),
    })
  })
})

describe('the bytes', () => {
  it('round trip', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.maxSafeNat(),
            fc.double({ noNaN: true }).map((double) => ({ double })),
            fc.string({ unit: 'binary', maxLength: 300 }),
            fc.uint8Array({ maxLength: 300 }),
          ),
        ),
        (values) => {
          const out = new ByteWriter(16)
          for (const value of values) {
            if (typeof value === 'number') out.varint(value)
            else if (typeof value === 'string') {
              out.text(value)
              out.repeated(value)
              out.repeated(value)
            } else if (value instanceof Uint8Array) out.bytes(value)
            else out.double(value.double)
          }
          const input = new ByteReader(out.finish())
          for (const value of values) {
            if (typeof value === 'number') expect(input.varint()).toBe(value)
            else if (typeof value === 'string') {
              expect([input.text(), input.repeated(), input.repeated()]).toEqual([value, value, value])
            } else if (value instanceof Uint8Array) expect(input.bytes()).toEqual(value)
            else expect(input.double()).toBe(value.double)
          }
          expect(input.done).toBe(true)
        },
      ),
    )
  })
})
