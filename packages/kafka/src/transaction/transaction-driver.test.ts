import { type Marker, Outage } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { FakeSession, FakeTransactions, type Fault, type SessionCall } from '../../test/fake-transactions.ts'
import { IdleClock } from '../../test/idle-clock.ts'
import { RecordedLog } from '../../test/recorded-context.ts'
import { TransactionDriver } from './transaction-driver.ts'

const ME = { lineage: 'lineage', owner: 'me' }
const OTHER: Marker = { lineage: 'another lineage', owner: 'another', epoch: 7 }

function setUp(broker = new FakeTransactions(), clock = new IdleClock()) {
  const session = new FakeSession(broker)
  const log = new RecordedLog()
  const timeouts: [epoch: number, times: number][] = []
  const driver = new TransactionDriver({
    egress: 'test/egress',
    session,
    clock,
    trouble: new Outage(log, {}),
    startTimeoutMs: 10_000,
    retryBackoffMs: 100,
    retryBackoffMaxMs: 1000,
    timedOut: (epoch, times) => void timeouts.push([epoch, times]),
  })
  return { broker, session, driver, log, clock, timeouts }
}

const values = (...texts: string[]) => texts.map((text) => Buffer.from(text))

const pause = (clock: IdleClock, ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve))

async function publishThree(driver: TransactionDriver): Promise<void> {
  await driver.publish(1, values('a', 'b'))
  await driver.publish(2, [])
  await driver.publish(3, values('c'))
}

const calls: readonly [SessionCall, readonly number[]][] = [
  ['init', [0]],
  ['readMarker', [0]],
  // The first one of each is of the claim.
  ['send', [0, 1, 2, 3]],
  ['mark', [0, 1, 2, 3]],
  ['end', [0, 1, 2, 3]],
]

describe('transaction driver', () => {
  it('opens with what was published last, claims it, and publishes each epoch in one transaction', async () => {
    const { broker, session, driver, log } = setUp()
    broker.marker = OTHER
    expect(await driver.open(ME)).toEqual(OTHER)
    await publishThree(driver)
    expect(broker.visible).toEqual(['a', 'b', 'c'])
    expect(broker.marker).toEqual({ ...ME, epoch: 3 })
    const transaction = ['mark', 'send', 'end']
    expect(session.calls).toEqual(['init', 'readMarker stable', ...Array(4).fill(transaction).flat()])
    expect(log.lines).toEqual([])
  })

  const faults: readonly Fault[] = [
    { trouble: 'retry' },
    { trouble: 'broken' },
    { trouble: 'broken', took: true },
    { trouble: 'fenced' },
  ]
  const cases = calls.flatMap(([call, nths]) =>
    nths.flatMap((nth) =>
      faults
        // A session never asks to repeat these two.
        .filter(({ trouble }) => trouble !== 'retry' || (call !== 'send' && call !== 'end'))
        .map((fault) => ({
          call,
          nth,
          fault,
          name: `${fault.trouble}${fault.took ? ', though it took' : ''}`,
        })),
    ),
  )
  it.each(cases)('$call $nth fails ($name): nothing is lost or doubled', async ({ call, nth, fault }) => {
    const { broker, session, driver, log } = setUp()
    session.faults.set(`${call} ${nth}`, fault)
    await driver.open(ME)
    await publishThree(driver)
    expect(broker.visible).toEqual(['a', 'b', 'c'])
    expect(broker.marker).toEqual({ ...ME, epoch: 3 })
    const [began, ended, ...more] = log.lines
    expect(more).toEqual([])
    if (fault.trouble !== 'retry') {
      expect(began).toContain('warn egress test/egress cannot publish')
      expect(ended).toContain('info egress test/egress publishes again')
    }
  })

  it.each(cases)('$call fails ($name) in the recovery from an unanswered commit', async ({ call, fault }) => {
    const { broker, session, driver } = setUp()
    session.faults.set('end 2', { trouble: 'broken', took: true })
    session.faults.set(
      `${call} ${['init', 'readMarker'].includes(call) ? 1 : 2}`,
      call === 'end' ? { trouble: 'broken' } : fault,
    )
    if (call === 'readMarker') session.faults.set('readMarker 2', fault)
    await driver.open(ME)
    await publishThree(driver)
    expect(broker.visible).toEqual(['a', 'b', 'c'])
  })

  it('never asks for a commit twice', async () => {
    const { session, driver } = setUp()
    await driver.open(ME)
    session.calls.length = 0
    session.faults.set('end 1', { trouble: 'broken', took: true })
    await driver.publish(1, values('a'))
    expect(session.calls.join()).toBe('mark,send,end,reset,readMarker now,init,readMarker stable')
  })

  it('goes on after the broker gave a transaction up, again and again, and says how often', async () => {
    const { broker, session, driver, timeouts } = setUp()
    await driver.open(ME)
    await driver.publish(1, values('a'))
    session.before = (call, nth) => {
      if (call === 'end' && nth < 5) broker.timeOut()
    }
    // What else goes wrong meanwhile is no timeout.
    session.faults.set('readMarker 2', { trouble: 'broken' })
    session.faults.set('send 6', { trouble: 'broken' })
    await driver.publish(2, values('b'))
    session.before = (call, nth) => {
      if (call === 'end' && nth === 7) broker.timeOut()
    }
    await driver.publish(3, values('c'))
    await driver.publish(4, values('d'))
    expect(broker.visible).toEqual(['a', 'b', 'c', 'd'])
    expect(timeouts).toEqual([
      [2, 1],
      [2, 2],
      [2, 3],
      [4, 1],
    ])
  })

  it('ends what no repetition can mend, whatever else failed beside it', async () => {
    const { session, driver } = setUp()
    await driver.open(ME)
    session.faults.set('mark 1', { trouble: 'broken' })
    session.faults.set('send 1', { trouble: new StatefunError('SF_KAFKA_RECORD_TOO_LARGE', 'too large') })
    await expect(driver.publish(1, values('a'))).rejects.toMatchObject({ code: 'SF_KAFKA_RECORD_TOO_LARGE' })
  })

  it('gives up to start when its time is over, with the reason', async () => {
    const { session, driver } = setUp()
    for (let i = 0; i < 1000; i++) session.faults.set(`init ${i}`, { trouble: i % 2 ? 'retry' : 'broken' })
    await expect(driver.open(ME)).rejects.toMatchObject({
      code: 'SF_KAFKA_START_FAILED',
      message: expect.stringContaining('on purpose'),
    })
  })

  it('can be closed while it waits', async () => {
    const { session, driver } = setUp()
    await driver.open(ME)
    session.before = (call) => {
      if (call === 'mark') void driver.close()
    }
    session.faults.set('mark 1', { trouble: 'retry' })
    await expect(driver.publish(1, values('a'))).rejects.toMatchObject({ code: 'SF_KAFKA_STOPPED' })
    expect(session.closed).toBe(true)
  })
})

describe('two engines with one app name', () => {
  const NEWER = { lineage: 'another lineage', owner: 'newer' }

  function both() {
    const first = setUp()
    return { first, second: setUp(first.broker, first.clock) }
  }

  it('the newer one goes on, the other one says who took over', async () => {
    const { first, second } = both()
    await first.driver.open(ME)
    await first.driver.publish(1, values('a'))
    expect(await second.driver.open(NEWER)).toEqual({ ...ME, epoch: 1 })
    const [older, newer] = await Promise.allSettled([
      first.driver.publish(2, values('b')),
      second.driver.publish(1, values('c')),
    ])
    expect(newer.status).toBe('fulfilled')
    expect(older).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'SF_ENGINE_FENCED',
        message: expect.stringMatching(/test\/egress.*owner newer.*second engine/s),
        hint: expect.stringContaining('app name'),
      },
    })
    await second.driver.publish(2, values('d'))
    expect(first.broker.visible).toEqual(['a', 'c', 'd'])
  })

  it('started at the same moment: exactly one goes on', async () => {
    for (let round = 0; round < 50; round++) {
      const { first, second } = both()
      const failures: unknown[] = []
      const run = async ({ driver }: typeof first, publisher: typeof ME) => {
        try {
          await driver.open(publisher)
          for (let epoch = 1; failures.length === 0; epoch++) {
            await driver.publish(epoch, values(`${publisher.owner} ${epoch}`))
            await new Promise(setImmediate)
          }
        } catch (error) {
          failures.push(error)
        }
      }
      await Promise.all([run(first, ME), run(second, NEWER)])
      expect(failures).toMatchObject([{ code: 'SF_ENGINE_FENCED' }])
      expect(new Set(first.broker.visible).size).toBe(first.broker.visible.length)
    }
  })

  it.each(calls.flatMap(([call]) => [false, true].map((took) => ({ call, took }))))(
    'a newer one goes on at once when the older one was killed at $call (carried out: $took)',
    async ({ call, took }) => {
      const { first, second } = both()
      const killed = new Error('kill -9')
      await first.driver.open(ME)
      await first.driver.publish(1, values('a'))
      const nth = first.session.calls.filter((made) => made.startsWith(call)).length
      // What sets a session up is asked for again after a trouble.
      if (nth === 1) first.session.faults.set('mark 2', { trouble: 'broken' })
      first.session.faults.set(`${call} ${nth}`, { trouble: killed, took })
      await expect(first.driver.publish(2, values('b'))).rejects.toBe(killed)
      const found = await second.driver.open(NEWER)
      expect(found).toEqual({ ...ME, epoch: call === 'end' && took ? 2 : 1 })
      await second.driver.publish(3, values('c'))
      await second.driver.publish(4, values('d'))
      expect(first.broker.visible).toEqual(found?.epoch === 2 ? ['a', 'b', 'c', 'd'] : ['a', 'c', 'd'])
    },
  )

  it.each(['mark', 'end'] as const)(
    'a newer one whose claim is slow at %s takes over nevertheless, with what the older one got done meanwhile',
    async (slow) => {
      for (let late = 1; late <= 4; late++) {
        const { first, second } = both()
        await first.driver.open(ME)
        await first.driver.publish(1, values('1'))
        let epoch = 1
        let ended: unknown
        const older = async () => {
          while (ended === undefined) {
            await first.driver.publish(++epoch, values(`${epoch}`)).catch((error: unknown) => {
              ended = error
            })
            await new Promise(setImmediate)
          }
        }
        second.session.before = async (call, nth) => {
          if (call === slow && nth < late) await pause(second.clock, 3000)
        }
        const seen: (number | undefined)[] = []
        const publishing = older()
        const found = await second.driver.open(NEWER, (marker) => void seen.push(marker?.epoch))
        await second.driver.publish(1, values('newer'))
        await publishing
        expect(ended).toMatchObject({
          code: 'SF_ENGINE_FENCED',
          message: expect.stringContaining('owner newer'),
        })
        expect(found).toEqual({ ...ME, epoch: seen.at(-1) })
        expect(seen.length).toBeGreaterThan(1)
        const published = Array.from({ length: seen.at(-1)! }, (_, i) => `${i + 1}`)
        expect(first.broker.visible).toEqual([...published, 'newer'])
      }
    },
  )

  it('a newer one that does not accept what it finds leaves the egress to the older one', async () => {
    const { first, second } = both()
    await first.driver.open(ME)
    await first.driver.publish(1, values('a'))
    const refusal = new StatefunError('SF_EGRESS_AHEAD', 'ahead')
    const refuse = () => {
      throw refusal
    }
    await expect(second.driver.open(NEWER, refuse)).rejects.toBe(refusal)
    await first.driver.publish(2, values('b'))
    expect(first.broker.visible).toEqual(['a', 'b'])
  })

  it('a claim where nothing was published says so to the next one', async () => {
    const { first, second } = both()
    expect(await first.driver.open(ME)).toBeUndefined()
    expect(await second.driver.open(NEWER)).toBeUndefined()
    await expect(first.driver.publish(1, values('a'))).rejects.toMatchObject({ code: 'SF_ENGINE_FENCED' })
    await second.driver.publish(1, values('b'))
    expect(first.broker.visible).toEqual(['b'])
  })
})

describe('a marker that vanishes while an engine runs', () => {
  it('is written again when the transaction certainly failed', async () => {
    const { broker, session, driver } = setUp()
    await driver.open(ME)
    await driver.publish(1, values('a'))
    broker.marker = undefined
    session.faults.set('mark 2', { trouble: 'broken' })
    await driver.publish(2, values('b'))
    expect(broker.visible).toEqual(['a', 'b'])
  })

  it('leaves an unanswered commit in doubt: that is an error, not a guess', async () => {
    const { broker, session, driver } = setUp()
    await driver.open(ME)
    await driver.publish(1, values('a'))
    session.faults.set('end 2', { trouble: 'broken' })
    session.before = (call) => {
      if (call === 'end') broker.marker = undefined
    }
    await expect(driver.publish(2, values('b'))).rejects.toMatchObject({ code: 'SF_EGRESS_MARKER_LOST' })
  })
})
