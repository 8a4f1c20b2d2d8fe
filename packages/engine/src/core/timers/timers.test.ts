import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Timer } from './timer.ts'
import type { SealedTimers } from './timers.ts'
import { Timers } from './timers.ts'

function timer(sequence: number, due: number, senderId = 'a', token?: string, bytes = 0): Timer {
  return {
    sequence,
    due,
    target: { namespace: 'test', type: 'fn', id: `x${sequence}` },
    invocation: {
      caller: { namespace: 'test', type: 'fn', id: senderId },
      argument: {
        typename: 'test/text',
        hasValue: true,
        value: new Uint8Array(bytes).fill(sequence),
        metadata: undefined,
      },
    },
    token,
  }
}

const sender = fc.constantFrom('a', 'b', '')
const token = fc.constantFrom('t', 'u', 'v')
const operation = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      delay: fc.nat({ max: 20 }),
      sender,
      token: fc.option(token, { nil: undefined }),
      bytes: fc.constantFrom(0, 5, 100),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), sender, token }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat({ max: 8 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'seal' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'encoded' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'scan' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('step' as const), steps: fc.nat({ max: 6 }) }) },
)
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

/** Delayed messages beside the simplest thing that does the same: a sorted list. */
class Subject {
  readonly timers = new Timers()
  list: Timer[] = []
  now = 0
  #sequence = 0
  #openFrom = 0
  #removed: number[] = []
  #sealed: { readonly sealed: SealedTimers; readonly added: readonly Timer[] } | undefined
  #scan: { readonly found: ReturnType<Timers['scan']>; readonly expected: Timer[]; seen: Timer[] } | undefined

  apply(step: Operation): void {
    switch (step.kind) {
      case 'add': {
        const taken = step.token !== undefined && this.withToken(step.sender, step.token) !== undefined
        const name = taken ? undefined : step.token
        const added = timer(this.#sequence++, this.now + step.delay, step.sender, name, step.bytes)
        this.timers.add(added)
        this.list.push(added)
        this.list.sort((a, b) => a.due - b.due || a.sequence - b.sequence)
        return
      }
      case 'cancel': {
        const expected = this.withToken(step.sender, step.token)
        expect(this.timers.cancel(step.sender, step.token)).toBe(expected !== undefined)
        if (expected !== undefined) this.#left(expected)
        return
      }
      case 'pass':
        this.now += step.ms
        for (let due = this.timers.poll(this.now); due !== undefined; due = this.timers.poll(this.now)) {
          expect(due).toEqual(this.list[0])
          this.#left(this.list[0]!)
        }
        return
      case 'seal': {
        this.#encode()
        const sealed = this.timers.seal(this.#sequence)
        expect(numbers(sealed)).toEqual(this.#removed)
        const added = this.list.filter(({ sequence }) => sequence >= this.#openFrom)
        this.#sealed = { sealed, added: added.toSorted((a, b) => a.sequence - b.sequence) }
        this.#removed = []
        this.#openFrom = this.#sequence
        return
      }
      case 'encoded':
        this.#encode()
        return
      case 'scan':
        this.#scan ??= {
          found: this.timers.scan(),
          expected: this.list.filter(({ sequence }) => sequence < this.#openFrom),
          seen: [],
        }
        return
      case 'step':
        for (let i = 0; i < step.steps; i++) this.#scanOne()
    }
  }

  withToken(sender: string, token: string): Timer | undefined {
    return this.list.find((each) => each.invocation.caller?.id === sender && each.token === token)
  }

  finish(): void {
    this.#encode()
    while (this.#scan !== undefined) this.#scanOne()
    expect([...this.timers.values()].toSorted((a, b) => a.sequence - b.sequence)).toEqual(
      this.list.toSorted((a, b) => a.sequence - b.sequence),
    )
  }

  #left(timer: Timer): void {
    this.list = this.list.filter((each) => each !== timer)
    if (timer.sequence < this.#openFrom) this.#removed.push(timer.sequence)
  }

  #encode(): void {
    if (this.#sealed === undefined) return
    const { sealed, added } = this.#sealed
    const found: Timer[] = []
    for (const each of sealed.added) if (each !== undefined) found.push(each.toTimer())
    expect(found).toEqual(added)
    this.timers.encoded()
    this.#sealed = undefined
  }

  #scanOne(): void {
    if (this.#scan === undefined) return
    const { found, expected, seen } = this.#scan
    const next = found.next()
    if (next.done !== true) {
      if (next.value !== undefined) seen.push(next.value.toTimer())
      return
    }
    const waiting = expected.filter((each) => this.list.includes(each))
    expect(seen).toEqual(expect.arrayContaining(waiting))
    expect(expected).toEqual(expect.arrayContaining(seen))
    expect(new Set(seen.map(({ sequence }) => sequence)).size).toBe(seen.length)
    this.#scan = undefined
  }
}

function numbers({ removed }: SealedTimers): number[] {
  return Array.from({ length: removed.length }, (_, i) => removed.get(i))
}

describe('delayed messages', () => {
  it('leave in the order of a sorted list and stay readable for epochs and snapshots, whatever is cancelled', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 150, size: 'max' }), (operations) => {
        const subject = new Subject()
        for (const step of operations) {
          subject.apply(step)
          const { timers, list } = subject
          expect(timers.nextDue()).toBe(list[0]?.due)
          expect(timers.size).toBe(list.length)
          for (const token of ['t', 'u', 'v'])
            expect(timers.hasToken('a', token)).toBe(subject.withToken('a', token) !== undefined)
        }
        subject.finish()
      }),
      { numRuns: 200 },
    )
  })

  it('come back from a log in the order of a sorted list', () => {
    const step = fc.record({ added: fc.boolean(), sequence: fc.nat({ max: 60 }), due: fc.nat({ max: 20 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (log) => {
        const timers = new Timers()
        const list = new Map<number, Timer>()
        for (const { added, sequence, due } of log) {
          list.delete(sequence)
          if (!added) timers.replayRemoved(sequence)
          else {
            const each = timer(sequence, due)
            timers.replayAdded(each)
            list.set(sequence, each)
          }
          expect(timers.size).toBe(list.size)
        }
        timers.replayed(61)
        const sealed = timers.seal(61)
        expect([...sealed.added]).toEqual([])
        expect(numbers(sealed)).toEqual([])
        const order = [...list.values()].sort((a, b) => a.due - b.due || a.sequence - b.sequence)
        for (const each of order) expect(timers.poll(20)).toEqual(each)
        expect(numbers(timers.seal(61))).toEqual(order.map(({ sequence }) => sequence))
      }),
    )
  })

  it('keep the token of a later message when an earlier one with it is removed', () => {
    const timers = new Timers()
    timers.replayAdded(timer(1, 10, 'a', 't'))
    timers.replayAdded(timer(2, 20, 'a', 't'))
    timers.replayRemoved(1)
    timers.replayed(3)
    expect(timers.hasToken('a', 't')).toBe(true)
    expect(timers.cancel('a', 't')).toBe(true)
    expect(numbers(timers.seal(3))).toEqual([2])
  })

  it('do not confuse the parts of a token’s scope', () => {
    const timers = new Timers()
    timers.add(timer(1, 10, 'a', 'bc'))
    expect(timers.hasToken('ab', 'c')).toBe(false)
    expect(timers.cancel('ab', 'c')).toBe(false)
  })

  it('that were cancelled by the thousand leave the rest in order, and their memory', () => {
    const timers = new Timers()
    const count = 40_000
    for (let i = 0; i < count; i++) timers.add(timer(i, count - i, 'a', String(i), 1200))
    const { room } = timers.recordBytes
    for (let i = 0; i < count; i++) if (i % 10 !== 0) timers.cancel('a', String(i))
    // The last ones move with what comes and goes after them.
    for (let i = 0; i < count; i += 40) timers.cancel('a', String(i))
    expect(timers.recordBytes.room).toBeLessThan(room / 2)
    let last = Number.POSITIVE_INFINITY
    let left = 0
    for (let due = timers.poll(count); due !== undefined; due = timers.poll(count)) {
      expect(due.sequence).toBeLessThan(last)
      expect(due).toEqual(timer(due.sequence, count - due.sequence, 'a', String(due.sequence), 1200))
      last = due.sequence
      left++
    }
    expect(left).toBe(3000)
    expect(timers.recordBytes.live).toBe(0)
  })

  it('are whole again: callers, text of any language, values of any size, headers', () => {
    const timers = new Timers()
    const text = fc.string({ unit: 'grapheme', maxLength: 60 })
    const address = fc.record({ namespace: text, type: text, id: text })
    const metadata = fc.record({
      key: text,
      value: fc.option(fc.uint8Array({ maxLength: 100 }), { nil: null }),
    })
    const message = fc.record({
      target: address,
      token: fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), { nil: undefined }),
      caller: fc.option(address, { nil: undefined }),
      typename: text,
      value: fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined }),
      metadata: fc.option(fc.array(metadata, { minLength: 1, maxLength: 3 }), { nil: undefined }),
    })
    let sequence = 0
    fc.assert(
      fc.property(
        message,
        fc.boolean(),
        ({ token, caller, typename, value, metadata, ...rest }, toItself) => {
          const target = toItself && caller !== undefined ? { ...caller } : rest.target
          const argument = {
            typename,
            hasValue: value !== undefined,
            value: value ?? new Uint8Array(0),
            metadata,
          }
          const timer = { sequence: sequence++, due: 0.5, target, token, invocation: { caller, argument } }
          timers.add(timer)
          expect(timers.poll(1)).toEqual(timer)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('of any size are whole again', () => {
    const timers = new Timers()
    const sizes = [10, 70_000, 262_000, 300_000, 2_000_000, 0]
    const messages = sizes.map((bytes, i) => timer(i, i, 'a', `t${i}`, bytes))
    for (const each of messages) timers.add(each)
    for (const each of messages) {
      const { invocation, ...rest } = timers.poll(each.due)!
      expect(rest).toEqual({ sequence: each.sequence, due: each.due, target: each.target, token: each.token })
      expect(Buffer.compare(invocation.argument.value, each.invocation.argument.value)).toBe(0)
    }
  })

  it('to the sender itself are found by their token, like others', () => {
    const timers = new Timers()
    const own = { ...timer(1, 10, 'x1', 't'), token: 't' }
    timers.add(own)
    timers.add(timer(2, 10, 'x1', 'u'))
    expect([...timers.values()]).toEqual([own, timer(2, 10, 'x1', 'u')])
    expect(timers.cancel('x1', 't')).toBe(true)
    expect(timers.cancel('x1', 'u')).toBe(true)
    expect(timers.size).toBe(0)
  })

  it('may name more types than are kept by number', () => {
    const timers = new Timers()
    const named = (i: number): Timer => ({
      ...timer(i, i),
      target: { namespace: `n${i}`, type: `t${i}`, id: 'x' },
    })
    for (let i = 0; i < 3000; i++) timers.add(named(i))
    for (let i = 0; i < 3000; i++) expect(timers.poll(i)).toEqual(named(i))
  })
})
