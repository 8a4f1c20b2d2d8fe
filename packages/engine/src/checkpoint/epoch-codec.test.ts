import { StatefunError } from '@statefun/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CoreHarness, text, texts } from '../core/testing/core-harness.ts'
import { readState } from '../engine/read-state.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { decodeEpoch } from './decode-epoch.ts'
import { encodeBase } from './encode-epoch.ts'
import { type Frame, FrameKind } from './frame.ts'
import { OutboxValues, outboxValues } from './outbox-values.ts'
import { restore } from './restore.ts'
import { encoded, holding, picture, replayed } from './testing/replay.ts'

const SPEC = {
  stateName: 'seen',
  typename: 'test/text',
  expireMode: 'after-write',
  expireAfterMs: 1000,
} as const

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
  const { harness, epoch, positions } = await replayed(frames)
  return {
    harness,
    epoch,
    positions: Object.fromEntries([...positions].map(([k, v]) => [k, Object.fromEntries(v)])),
  }
}

function* baseOf({ core, now }: CoreHarness): Generator<Frame> {
  const content = { types: core.types, timers: core.timers.scan(), parked: core.parkedInstances() }
  for (const payload of encodeBase({ ...content, epoch: core.epoch, time: now }))
    yield { kind: FrameKind.baseChunk, payload }
}

describe('an epoch', () => {
  it('brings everything back: state, calls under way, backlogs, parked and delayed messages, positions', async () => {
    const before = busyCore()
    const frame = { kind: FrameKind.epoch, payload: encoded(before.core.seal(before.now)) }
    const { harness, epoch, positions } = await restored([frame])
    expect(epoch).toBe(1)
    expect(positions).toEqual({ 'test/in': { 'topic/0': '1' } })
    expect(await picture(harness)).toEqual(await picture(before))
    expect(await picture(harness)).toMatchObject({
      instances: [
        { id: 'a', values: { seen: 'a!' } },
        { id: 'b', messages: ['2', '3', '4'] },
        { id: 'p', messages: ['bad', 'kept'], parked: true },
      ],
    })
    expect(harness.core.timers.hasToken('a', 'tok')).toBe(true)
  })

  it('is not changed by what happens after the cut', async () => {
    const before = busyCore()
    const then = await picture(before)
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
    expect(await picture(harness)).toEqual(then)
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
    expect(await picture(harness)).toEqual(await picture(before))
    expect(frames[2]!.payload.length).toBeLessThan(frames[0]!.payload.length)
  })

  it('may be preceded by a snapshot that was taken while the job went on', async () => {
    const before = busyCore()
    before.core.seal(before.now)
    const base: Frame[] = []
    const epochs: Frame[] = []
    const content = {
      types: before.core.types,
      timers: before.core.timers.scan(),
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
    expect(await picture(harness)).toEqual(await picture(before))
  })

  it('keeps the position of a partition that no source has named since the restore', async () => {
    const before = new CoreHarness()
    before.run(before.feed([['a', '1']], ['fn'], 'there/0'))
    before.run(before.feed([['b', '1']], ['fn'], 'missing/0'))
    const first = { kind: FrameKind.epoch, payload: encoded(before.core.seal(before.now)) }
    const { harness } = await restored([first])
    harness.feed([], ['fn'], 'there/0')
    const second = { kind: FrameKind.epoch, payload: encoded(harness.core.seal(harness.now)) }
    const { positions } = await restored([first, second])
    expect(positions).toEqual({ 'test/in': { 'there/0': '0', 'missing/0': '1' } })
  })

  it('sends a message alone again that was sent alone', async () => {
    const before = new CoreHarness({ policy: { type: 'park' } })
    before.run(before.feed([['a', '0']]))
    before.run(
      before.feed([
        ['a', 'good'],
        ['a', 'bad'],
      ]),
    )
    before.answer()
    before.fail(new StatefunError('SF_TEST', 'boom'))
    before.answer()
    before.run(before.feed([['a', 'innocent']]))
    expect(texts(before.calls[0]!.batch)).toEqual(['bad'])
    const frame = { kind: FrameKind.epoch, payload: encoded(before.core.seal(before.now)) }
    const { harness } = await restored([frame])
    harness.core.pump(harness.now)
    expect(texts(harness.calls[0]!.batch)).toEqual(['bad'])
  })

  it('brings a redriven address back as one that runs, also when its state went with it', async () => {
    const before = busyCore()
    const frames = [{ kind: FrameKind.epoch, payload: encoded(before.core.seal(before.now)) }]
    const [parked] = [...before.core.parkedInstances()]
    before.core.redrive(parked!)
    before.core.pump(before.now)
    while (before.calls.length > 0) before.answer({ state: [{ stateName: 'seen', value: undefined }] })
    frames.push({ kind: FrameKind.epoch, payload: encoded(before.core.seal(before.now)) })
    const { harness } = await restored(frames)
    expect([...harness.core.parkedInstances()]).toEqual([])
    expect(await picture(harness)).toEqual(await picture(before))
  })

  it('does not count the time before a state had an expiration', async () => {
    const before = new CoreHarness()
    before.run(before.feed([['a', '1']]))
    before.answerIncomplete({ ...SPEC, expireMode: 'none', expireAfterMs: 0 })
    before.answer({ state: [{ stateName: 'seen', value: text('old') }] })
    const frame = { kind: FrameKind.epoch, payload: encoded(before.core.seal(before.now)) }
    // Started again, and a snapshot written, while the state still has none.
    const { harness: between } = await restored([frame])
    between.core.types.get('test', 'fn', '').register({ ...SPEC, expireMode: 'none', expireAfterMs: 0 })
    const base = [...baseOf(between)]
    const { harness } = await replayed([...base, frame], before.now + 10_000)
    harness.run(harness.feed([['a', '2']]))
    harness.answerIncomplete(SPEC)
    expect(harness.calls[0]!.batch.state[0]!.stateValue).toMatchObject(text('old'))
    harness.answer()
    harness.now += SPEC.expireAfterMs
    harness.run(harness.feed([['a', '3']]))
    expect(harness.calls[0]!.batch.state[0]!.stateValue).toBeUndefined()
  })

  it('leaves states that expired out of a snapshot, and out of memory', async () => {
    const before = new CoreHarness()
    before.run(before.feed([['a', '1']]))
    before.answerIncomplete(SPEC)
    before.answer({ state: [{ stateName: 'seen', value: text('short-lived') }] })
    const { instances } = before.core.types.get('test', 'fn', '')
    expect(instances.size).toBe(1)
    before.now += SPEC.expireAfterMs
    const chunks = [...baseOf(before)]
    expect(Buffer.concat(chunks.map(({ payload }) => payload)).includes('short-lived')).toBe(false)
    expect(instances.size).toBe(0)
  })

  it('that holds messages for a function that is gone says so; its state is just kept', async () => {
    const before = new CoreHarness()
    const gone = { namespace: 'test', type: 'fn', id: 'a' }
    before.run(before.feed([['a', '1']]))
    const frame = { kind: FrameKind.epoch, payload: encoded(before.core.seal(before.now)) }
    const elsewhere = new CoreHarness({ namespace: 'elsewhere' })
    await expect(restore(holding([frame]), elsewhere.core, 0)).rejects.toMatchObject({
      code: 'SF_FUNCTION_UNKNOWN',
      message: expect.stringContaining('test/fn'),
      where: 'messages of the checkpoint',
    })
    before.answerIncomplete(SPEC)
    before.answer({ state: [{ stateName: 'seen', value: text('kept') }] })
    const later = { kind: FrameKind.epoch, payload: encoded(before.core.seal(before.now)) }
    const again = new CoreHarness({ namespace: 'elsewhere' })
    await restore(holding([frame, later]), again.core, 0)
    expect(again.core.types.unbound).toEqual(['test/fn'])
    expect(readState(again.core, gone.namespace, gone.type, gone.id, 0)).toMatchObject([{ name: 'seen' }])
  })

  it('says what its outboxes hold, and what of it is known to be published', async () => {
    const { core } = new CoreHarness()
    const frames: Frame[] = []
    const cut = (published: number, ...values: string[]) => {
      const bytes = new OutboxValues()
      for (const value of values) bytes.push(Buffer.from(value))
      const outboxes = [{ egress: 'test/once', published, values: bytes.finish() }]
      frames.push({ kind: FrameKind.epoch, payload: encoded({ ...core.seal(0), outboxes }) })
    }
    cut(0, 'a')
    cut(0)
    cut(1, 'b', 'c')
    cut(2, 'd')
    const { outboxes } = await replayed(frames)
    expect([...outboxes.keys()]).toEqual(['test/once'])
    const { published, unpublished } = outboxes.get('test/once')!
    expect(published).toBe(2)
    expect(
      unpublished.map(({ epoch, values }) => [
        epoch,
        ...[...outboxValues(values)].map((v) => Buffer.from(v).toString()),
      ]),
    ).toEqual([
      [3, 'b', 'c'],
      [4, 'd'],
    ])
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
      outbox: ignore,
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
        fc.nat({ max: 4 }),
        (values, before) => {
          const out = new ByteWriter(16)
          // What it was used for before leaves no trace, whether its memory stays or not.
          for (let i = 0; i < before; i++) {
            out.repeated('x'.repeat(10 ** i))
            out.begin(16)
          }
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
