import { StatefunError } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { CoreHarness, response, text, texts } from './testing/core-harness.ts'

const to = (type: string, id: string) => ({ namespace: 'test', type, id })
const boom = new StatefunError('SF_TEST', 'boom')
const stateSpec = (stateName: string, over: object = {}) => ({
  stateName,
  typename: 'test/text',
  expireMode: 'none' as const,
  expireAfterMs: 0,
  ...over,
})

describe('mailboxes', () => {
  it('has one call under way per address and sends what came meanwhile as the next batch', () => {
    const harness = new CoreHarness()
    harness.run(harness.feed([['a', '1']]))
    harness.run(
      harness.feed([
        ['a', '2'],
        ['a', '3'],
        ['b', '4'],
      ]),
    )
    expect(harness.calls.map(({ batch }) => [batch.target.id, texts(batch)])).toEqual([
      ['a', ['1']],
      ['b', ['4']],
    ])
    harness.answer()
    expect(texts(harness.calls.at(-1)!.batch)).toEqual(['2', '3'])
  })

  it('gives every target of a record its own message, in order', () => {
    const harness = new CoreHarness()
    harness.run(harness.feed([['a', '1']], ['fn', 'other']))
    expect(harness.calls.map(({ batch }) => batch.target.type)).toEqual(['fn', 'other'])
    expect(harness.calls[0]!.batch.invocations[0]!.caller).toBeUndefined()
  })

  it('keeps to the limit of calls under way', () => {
    const harness = new CoreHarness({ maxInFlight: 2 })
    harness.run(
      harness.feed([
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ]),
    )
    expect(harness.calls).toHaveLength(2)
    harness.answer()
    expect(harness.calls.map(({ batch }) => batch.target.id)).toEqual(['b', 'c'])
  })

  it('stops only the partition that feeds a full address', () => {
    const harness = new CoreHarness({ maxBatch: 2 })
    const hot = harness.feed(['1', '2', '3', '4', '5'].map((value) => ['hot', value] as const))
    const cold = harness.feed([['cold', 'x']])
    // The first fills the backlog twice: 2 go out, 2 wait, then the partition is left alone.
    expect(harness.run(hot)).toBe(4)
    expect(hot.blockedBy?.id).toBe('hot')
    expect(harness.run(cold)).toBe(1)
    expect(harness.core.types.get('test', 'fn', '').counters.numBlockedAddress).toBe(1)
    harness.answer()
    expect(harness.unblocked).toEqual([hot])
    expect(hot.blockedBy).toBeUndefined()
    expect(harness.run(hot)).toBe(1)
  })

  it('forgets an instance without state once it is idle', () => {
    const harness = new CoreHarness()
    harness.run(harness.feed([['a', '1']]))
    const type = harness.core.types.get('test', 'fn', '')
    expect(type.instances.size).toBe(1)
    harness.answer()
    expect(type.instances.size).toBe(0)
    expect(harness.core.pendingMessages).toBe(0)
    expect(harness.core.pendingBytes).toBe(0)
  })
})

describe('functions that keep each other busy', () => {
  /** Every call of `chatty` sends itself another message. */
  function chatter(options: { maxBatch?: number } = {}): CoreHarness {
    const harness = new CoreHarness(options)
    harness.respond = (batch) =>
      batch.target.type === 'chatty'
        ? response({
            send: batch.invocations.map(() => ({
              target: to('chatty', batch.target.id),
              argument: text('m'),
            })),
          })
        : response({
            emit: [{ egressNamespace: 'out', egressType: 'results', argument: text(batch.target.id) }],
          })
    return harness
  }

  it('do not keep the others from their turn', () => {
    const harness = chatter()
    harness.core.take(
      harness.feed(
        [
          ['a', '1'],
          ['b', '1'],
          ['c', '1'],
        ],
        ['chatty'],
      ),
      10,
      0,
    )
    expect(harness.core.pump(0, 10)).toBe(true)
    harness.core.take(harness.feed([['x', '1']], ['fn'], 'topic/1'), 10, 0)
    for (let turn = 0; turn < 3; turn++) expect(harness.core.pump(0, 10)).toBe(true)
    expect(harness.emitted.map(({ text }) => text)).toEqual(['x'])
  })

  it('do not stop the engine when a mailbox is full', () => {
    const harness = chatter({ maxBatch: 2 })
    const feed = harness.feed(
      Array.from({ length: 5 }, (_, i) => ['a', String(i)] as const),
      ['chatty'],
    )
    expect(harness.core.take(feed, 10, 0)).toBeGreaterThan(0)
  })
})

describe('state', () => {
  it('negotiates: asks again with every registered state attached', () => {
    const harness = new CoreHarness()
    harness.run(harness.feed([['a', '1']]))
    expect(harness.calls[0]!.batch.state).toEqual([])
    harness.answerIncomplete(stateSpec('seen'))
    expect(harness.calls[0]!.batch.state).toEqual([{ stateName: 'seen', stateValue: undefined }])
    expect(texts(harness.calls[0]!.batch)).toEqual(['1'])
    harness.answer({ state: [{ stateName: 'seen', value: text('yes') }] })
    harness.run(harness.feed([['a', '2']]))
    expect(harness.calls[0]!.batch.state).toEqual([{ stateName: 'seen', stateValue: text('yes') }])
  })

  it.each([
    ['a state never declared', { state: [{ stateName: 'x', value: text('1') }] }, 'SF_STATE_UNDECLARED'],
    [
      'another type',
      { state: [{ stateName: 'seen', value: { ...text('1'), typename: 'test/other' } }] },
      'SF_STATE_TYPE_MISMATCH',
    ],
    [
      'an unknown target',
      { send: [{ target: { ...to('fn', 'a'), namespace: 'tset' }, argument: text('1') }] },
      'SF_FUNCTION_UNKNOWN',
    ],
    [
      'a negative delay',
      {
        delayed: [
          {
            kind: 'send' as const,
            delayMs: -1,
            target: to('fn', 'a'),
            argument: text('1'),
            token: undefined,
          },
        ],
      },
      'SF_DELAY_NEGATIVE',
    ],
    [
      'a cancellation without token',
      { delayed: [{ kind: 'cancel' as const, token: '' }] },
      'SF_DELAY_TOKEN_EMPTY',
    ],
  ])('breaks the job on %s', (_what, effects, code) => {
    const harness = new CoreHarness()
    harness.run(harness.feed([['a', '1']]))
    harness.answerIncomplete(stateSpec('seen'))
    expect(() => harness.answer(effects)).toThrow(expect.objectContaining({ code, where: 'test/fn id [a]' }))
  })

  it('negotiates with several addresses at once: a call that left before the states were known is repeated', () => {
    const harness = new CoreHarness()
    harness.run(
      harness.feed([
        ['a', '1'],
        ['b', '2'],
      ]),
    )
    harness.answerIncomplete(stateSpec('seen'))
    harness.answerIncomplete(stateSpec('seen'))
    expect(harness.calls.map(({ batch }) => [batch.target.id, batch.state.length])).toEqual([
      ['a', 1],
      ['b', 1],
    ])
  })

  it('refuses a function that asks for what it has', () => {
    const harness = new CoreHarness()
    harness.run(harness.feed([['a', '1']]))
    harness.answerIncomplete(stateSpec('seen'))
    expect(() => harness.answerIncomplete(stateSpec('seen'))).toThrow(
      expect.objectContaining({ code: 'SF_FUNCTION_INCOMPLETE_LOOP' }),
    )
  })

  it('expires after write: reading does not refresh', () => {
    const harness = expiring('after-write')
    harness.now += 60
    expect(attachedTo(harness)).toBe('v')
    harness.answer()
    harness.now += 50
    expect(attachedTo(harness)).toBeUndefined()
  })

  it('expires after invoke: every call refreshes', () => {
    const harness = expiring('after-invoke')
    harness.now += 60
    expect(attachedTo(harness)).toBe('v')
    harness.answer()
    harness.now += 60
    expect(attachedTo(harness)).toBe('v')
    harness.answer()
    harness.now += 100
    expect(attachedTo(harness)).toBeUndefined()
  })
})

describe('effects', () => {
  it('are applied as messages, delays, egress, state, and messages name their sender', () => {
    const harness = new CoreHarness()
    harness.run(harness.feed([['a', '1']]))
    harness.answer({
      emit: [{ egressNamespace: 'out', egressType: 'results', argument: text('e') }],
      send: [{ target: to('other', 'b'), argument: text('m') }],
    })
    expect(harness.emitted).toEqual([{ egress: 'out/results', text: 'e' }])
    expect(harness.calls[0]!.batch.target).toEqual(to('other', 'b'))
    expect(harness.calls[0]!.batch.invocations).toEqual([{ caller: to('fn', 'a'), argument: text('m') }])
  })

  it('count for nothing when the call failed', () => {
    const harness = new CoreHarness()
    harness.run(harness.feed([['a', '1']]))
    expect(() => harness.fail(boom)).toThrow(boom)
    expect(harness.emitted).toEqual([])
  })
})

describe('delayed messages', () => {
  const delayed = (delayMs: number, value: string, token?: string) =>
    ({ kind: 'send', delayMs, target: to('late', 'x'), argument: text(value), token }) as const

  it('come when they are due, in order, one by one of the same millisecond in order of sending', () => {
    const harness = new CoreHarness()
    harness.run(harness.feed([['a', '1']]))
    harness.answer({ delayed: [delayed(20, 'late'), delayed(10, 'first'), delayed(10, 'second')] })
    expect(harness.core.timers.nextDue()).toBe(harness.now + 10)
    expect(harness.core.fire(harness.now + 9, 10)).toBe(0)
    expect(harness.core.fire(harness.now + 10, 10)).toBe(2)
    expect(harness.core.fire(harness.now + 20, 10)).toBe(1)
    harness.core.pump(harness.now)
    expect(texts(harness.calls[0]!.batch)).toEqual(['first', 'second', 'late'])
    expect(harness.calls[0]!.batch.invocations[0]!.caller).toEqual(to('fn', 'a'))
  })

  it('can be cancelled by their token, also in the answer that sent them, and the token is free again', () => {
    const harness = new CoreHarness()
    harness.run(harness.feed([['a', '1']]))
    harness.answer({
      delayed: [delayed(10, 'x', 't'), { kind: 'cancel', token: 't' }, delayed(10, 'y', 't')],
    })
    expect(harness.core.fire(harness.now + 10, 10)).toBe(1)
    harness.core.pump(harness.now)
    expect(texts(harness.calls[0]!.batch)).toEqual(['y'])
  })

  it('share their tokens among the functions of one id, and with no other id', () => {
    const harness = new CoreHarness()
    harness.run(harness.feed([['a', '1']], ['fn', 'other']))
    harness.answer({ delayed: [delayed(10, 'x', 't')] })
    expect(() => harness.answer({ delayed: [delayed(10, 'y', 't')] })).toThrow(
      expect.objectContaining({ code: 'SF_DELAY_TOKEN_PENDING' }),
    )
    const another = new CoreHarness()
    another.run(
      another.feed([
        ['a', '1'],
        ['b', '2'],
      ]),
    )
    another.answer({ delayed: [delayed(10, 'x', 't')] })
    another.answer({ delayed: [{ kind: 'cancel', token: 't' }] })
    expect(another.core.timers.size).toBe(1)
  })
})

describe('failure policy', () => {
  it('isolates the message at fault and dead-letters it alone', () => {
    const harness = new CoreHarness({ policy: { type: 'deadLetter', egress: 'out/dead', topic: 'dead' } })
    harness.run(harness.feed([['a', '0']]))
    harness.run(
      harness.feed([
        ['a', '1'],
        ['a', 'bad'],
        ['a', '3'],
      ]),
    )
    harness.answer()
    expect(texts(harness.calls[0]!.batch)).toEqual(['1', 'bad', '3'])
    harness.fail(boom)
    expect(texts(harness.answer().batch)).toEqual(['1'])
    expect(texts(harness.calls[0]!.batch)).toEqual(['bad'])
    harness.fail(boom)
    expect(texts(harness.answer().batch)).toEqual(['3'])
    expect(harness.emitted.map(({ egress }) => egress)).toEqual(['out/dead'])
    expect(harness.emitted[0]!.text).toContain('statefun.failure/code')
    expect(harness.core.idle).toBe(true)
    expect(harness.core.pendingMessages).toBe(0)
    expect(harness.core.pendingBytes).toBe(0)
  })

  it('forgets an instance without state whose last message was dead-lettered', () => {
    const harness = new CoreHarness({ policy: { type: 'deadLetter', egress: 'out/dead', topic: 'dead' } })
    harness.run(harness.feed([['a', 'bad']]))
    harness.fail(boom)
    expect(harness.core.types.get('test', 'fn', '').instances.size).toBe(0)
  })

  it('parks an address with all that comes after, lets others flow, and redrives in order', () => {
    const harness = new CoreHarness({ policy: { type: 'park' }, maxBatch: 2 })
    harness.run(harness.feed([['a', 'bad']]))
    harness.fail(boom)
    const more = harness.feed([
      ['a', '2'],
      ['a', '3'],
      ['a', '4'],
      ['b', 'x'],
    ])
    expect(harness.run(more)).toBe(4)
    expect(harness.calls.map(({ batch }) => batch.target.id)).toEqual(['b'])
    harness.answer()
    const [parked] = [...harness.core.parkedInstances()]
    expect(parked?.backlog).toHaveLength(4)
    expect(harness.core.pendingMessages).toBe(0)
    expect(harness.core.redrive(parked!)).toBe(true)
    harness.core.pump(harness.now)
    expect(texts(harness.answer().batch)).toEqual(['bad'])
    expect(texts(harness.answer().batch)).toEqual(['2', '3', '4'])
    expect([...harness.core.parkedInstances()]).toEqual([])
    expect(harness.core.pendingMessages).toBe(0)
  })
})

function expiring(expireMode: 'after-write' | 'after-invoke'): CoreHarness {
  const harness = new CoreHarness()
  harness.run(harness.feed([['a', '1']]))
  harness.answerIncomplete(stateSpec('seen', { expireMode, expireAfterMs: 100 }))
  harness.answer({ state: [{ stateName: 'seen', value: text('v') }] })
  return harness
}

function attachedTo(harness: CoreHarness): string | undefined {
  harness.run(harness.feed([['a', 'next']]))
  const value = harness.calls[0]!.batch.state[0]!.stateValue
  return value === undefined ? undefined : Buffer.from(value.value).toString()
}
