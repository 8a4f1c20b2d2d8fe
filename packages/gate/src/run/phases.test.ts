import { StatefunError } from '@statefun/protocol'
import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { Phases } from './phases.ts'
import { type RunEvent, RunEvents } from './run-events.ts'

let events: RunEvents
let seen: RunEvent[]
let stop: AbortController
let phases: Phases

beforeEach(() => {
  events = new RunEvents()
  seen = []
  events.subscribe((event) => seen.push(event))
  stop = new AbortController()
  phases = new Phases(events, stop.signal)
})

const names = (type: 'phase-begin' | 'phase-end') =>
  seen.flatMap((event) => (event.type === type ? [event.phase] : []))

describe('phases', () => {
  test('run side by side, and after those they wait for', async () => {
    const gate = Promise.withResolvers<void>()
    const slow = phases.run('slow', [], async () => {
      await gate.promise
      return 'a'
    })
    const quick = phases.run('quick', [], async () => 1)
    const both = phases.run('both', [slow, quick], async ([text, number]) => {
      expectTypeOf(text).toBeString()
      expectTypeOf(number).toBeNumber()
      return text + number
    })
    await quick.made
    expect(names('phase-begin')).toEqual(['slow', 'quick'])
    gate.resolve()
    expect(await both.made).toBe('a1')
    expect(names('phase-end')).toEqual(['quick', 'slow', 'both'])
    expect(seen).toContainEqual(expect.objectContaining({ phase: 'both', after: ['slow', 'quick'] }))
  })

  test('that fail take along what waits for them, and nothing else', async () => {
    const failing = phases.run('failing', [], () =>
      Promise.reject(new StatefunError('SF_GATE_START_FAILED', 'no', { hint: 'try' })),
    )
    const after = phases.run('after', [failing], async () => 'never')
    const other = phases.run('other', [], async () => 'done')
    await expect(after.made).rejects.toMatchObject({ code: 'SF_GATE_START_FAILED' })
    expect(await other.made).toBe('done')
    expect(names('phase-begin')).toEqual(['failing', 'other'])
    expect(seen).toContainEqual(
      expect.objectContaining({ phase: 'failing', error: expect.stringContaining('hint: try') }),
    )
  })

  test('end what they own in reverse, also after a failure, and whatever one of them throws', async () => {
    const ended: string[] = []
    const thing = (name: string) => ({
      [Symbol.asyncDispose]: async () => {
        ended.push(name)
        if (name === 'engine') throw new Error('stuck')
      },
    })
    const broker = phases.run('broker', [], async (_, { own }) => own(thing('broker')))
    const engine = phases.run('engine', [broker], async (_, { own }) => own(thing('engine')))
    const client = phases.run('client', [engine], async (_, { own }) => {
      own(thing('client'))
      throw new Error('late')
    })
    await client.made.catch(() => undefined)
    await phases.dispose()
    await phases.dispose()
    expect(ended).toEqual(['client', 'engine', 'broker'])
    expect(seen).toContainEqual(
      expect.objectContaining({ type: 'note', text: expect.stringContaining('"engine"') }),
    )
  })

  test('that wait do not begin once the run is over; those that run are waited for', async () => {
    const ended: string[] = []
    const first = phases.run('first', [], async (_, { own, signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      own({ [Symbol.asyncDispose]: async () => void ended.push('first') })
    })
    const second = phases.run('second', [first], async () => undefined)
    await expect.poll(() => names('phase-begin')).toEqual(['first'])
    stop.abort()
    await phases.dispose()
    await expect(second.made).rejects.toMatchObject({ name: 'AbortError' })
    expect(names('phase-begin')).toEqual(['first'])
    expect(ended).toEqual(['first'])
  })

  test('have names of their own', () => {
    phases.run('one', [], async () => undefined)
    expect(() => phases.run('one', [], async () => undefined)).toThrow('two phases "one"')
  })
})
