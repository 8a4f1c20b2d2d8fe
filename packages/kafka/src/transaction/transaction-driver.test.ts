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

async function publishThree(driver: TransactionDriver): Promise<void> {
  await driver.publish(1, values('a', 'b'))
  await driver.publish(2, [])
  await driver.publish(3, values('c'))
}

const calls: readonly [SessionCall, readonly number[]][] = [
  ['init', [0]],
  ['readMarker', [0]],
  ['send', [0, 1, 2]],
  ['mark', [0, 1, 2]],
  ['end', [0, 1, 2]],
]

describe('transaction driver', () => {
  it('opens with what was published last, and publishes each epoch in one transaction', async () => {
    const { broker, session, driver, log } = setUp()
    broker.marker = OTHER
    expect(await driver.open(ME)).toEqual(OTHER)
    await publishThree(driver)
    expect(broker.visible).toEqual(['a', 'b', 'c'])
    expect(broker.marker).toEqual({ ...ME, epoch: 3 })
    expect(session.calls.join()).toBe('init,readMarker stable,mark,send,end,mark,send,end,mark,send,end')
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
    session.faults.set('end 1', { trouble: 'broken', took: true })
    session.faults.set(`${call} 1`, call === 'end' ? { trouble: 'broken' } : fault)
    if (call === 'readMarker') session.faults.set('readMarker 2', fault)
    await driver.open(ME)
    await publishThree(driver)
    expect(broker.visible).toEqual(['a', 'b', 'c'])
  })

  it('never asks for a commit twice', async () => {
    const { session, driver } = setUp()
    await driver.open(ME)
    session.faults.set('end 0', { trouble: 'broken', took: true })
    await driver.publish(1, values('a'))
    expect(session.calls.slice(2).join()).toBe('mark,send,end,reset,readMarker now,init,readMarker stable')
  })

  it('goes on after the broker gave a transaction up, again and again, and says how often', async () => {
    const { broker, session, driver, timeouts } = setUp()
    await driver.open(ME)
    await driver.publish(1, values('a'))
    session.before = (call, nth) => {
      if (call === 'end' && nth < 4) broker.timeOut()
    }
    // What else goes wrong meanwhile is no timeout.
    session.faults.set('readMarker 2', { trouble: 'broken' })
    session.faults.set('send 5', { trouble: 'broken' })
    await driver.publish(2, values('b'))
    session.before = (call, nth) => {
      if (call === 'end' && nth === 6) broker.timeOut()
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
    session.faults.set('mark 0', { trouble: 'broken' })
    session.faults.set('send 0', { trouble: new StatefunError('SF_KAFKA_RECORD_TOO_LARGE', 'too large') })
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
    session.faults.set('mark 0', { trouble: 'retry' })
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
      const run = async ({ driver }: typeof first, publisher: typeof ME) => {
        await driver.open(publisher)
        for (let epoch = 1; epoch <= 20; epoch++)
          await driver.publish(epoch, values(`${publisher.owner} ${epoch}`))
      }
      const results = await Promise.allSettled([run(first, ME), run(second, NEWER)])
      const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
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
      if (nth === 1) first.session.faults.set('mark 1', { trouble: 'broken' })
      first.session.faults.set(`${call} ${nth}`, { trouble: killed, took })
      await expect(first.driver.publish(2, values('b'))).rejects.toBe(killed)
      const found = await second.driver.open(NEWER)
      expect(found).toEqual({ ...ME, epoch: call === 'end' && took ? 2 : 1 })
      await second.driver.publish(3, values('c'))
      await second.driver.publish(4, values('d'))
      expect(first.broker.visible).toEqual(found?.epoch === 2 ? ['a', 'b', 'c', 'd'] : ['a', 'c', 'd'])
    },
  )

  it('a newer one that is slow to claim is told to open again, when the older one went on meanwhile', async () => {
    const { first, second } = both()
    await first.driver.open(ME)
    await first.driver.publish(1, values('a'))
    await second.driver.open(NEWER)
    await first.driver.publish(2, values('b'))
    await expect(second.driver.publish(1, values('c'))).rejects.toMatchObject({ code: 'SF_KAFKA_CLAIM_LOST' })
    const again = setUp(first.broker, first.clock)
    expect(await again.driver.open({ ...NEWER, owner: 'newest' })).toEqual({ ...ME, epoch: 2 })
    await again.driver.publish(1, values('c'))
    await expect(first.driver.publish(3, values('d'))).rejects.toMatchObject({ code: 'SF_ENGINE_FENCED' })
    expect(first.broker.visible).toEqual(['a', 'b', 'c'])
  })

  it('takes over without the marker of its predecessor changing first when a claim fails', async () => {
    const { broker, session, driver } = setUp()
    broker.marker = OTHER
    session.faults.set('end 0', { trouble: 'broken' })
    session.faults.set('end 1', { trouble: 'fenced' })
    await driver.open(ME)
    await driver.publish(8, values('a'))
    expect(broker.visible).toEqual(['a'])
    expect(broker.marker).toEqual({ ...ME, epoch: 8 })
  })
})

describe('a marker that vanishes while an engine runs', () => {
  it('is written again when the transaction certainly failed', async () => {
    const { broker, session, driver } = setUp()
    await driver.open(ME)
    await driver.publish(1, values('a'))
    broker.marker = undefined
    session.faults.set('mark 1', { trouble: 'broken' })
    await driver.publish(2, values('b'))
    expect(broker.visible).toEqual(['a', 'b'])
  })

  it('leaves an unanswered commit in doubt: that is an error, not a guess', async () => {
    const { broker, session, driver } = setUp()
    await driver.open(ME)
    await driver.publish(1, values('a'))
    session.faults.set('end 1', { trouble: 'broken' })
    session.before = (call) => {
      if (call === 'end') broker.marker = undefined
    }
    await expect(driver.publish(2, values('b'))).rejects.toMatchObject({ code: 'SF_EGRESS_MARKER_LOST' })
  })
})
