import type { KinesisEgressDefinition } from '@statefun/engine'
import { kinesisRecordValue, type StatefunError } from '@statefun/protocol'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { egress } from '../test/egress-definition.ts'
import { recordedContext } from '../test/recorded-context.ts'
import type { OutgoingRecord, RecordFailure } from './egress/outgoing-record.ts'
import type { PutRecords } from './egress/put-records.ts'
import { KinesisSink } from './kinesis-sink.ts'

const THROTTLED: RecordFailure = { code: 'ProvisionedThroughputExceededException', message: 'slow down' }
const sender = { namespace: 'counter', type: 'fn', id: 'alice' }

/** A sink whose requests a test answers. */
class Bench {
  readonly context = recordedContext()
  readonly sink: KinesisSink
  readonly failures: StatefunError[] = []
  drained = 0

  constructor(put: PutRecords, changes: Partial<KinesisEgressDefinition> = {}) {
    this.sink = new KinesisSink(egress(changes), this.context, put)
  }

  async start(): Promise<this> {
    await this.sink.start({
      drained: () => this.drained++,
      failed: (error) => this.failures.push(error),
    })
    return this
  }

  write(key: string, text: string, stream = 's'): void {
    const value = Buffer.from(text)
    const record = { stream, partitionKey: key, value, explicitHashKey: undefined }
    this.sink.write(kinesisRecordValue(record), sender)
  }
}

const textOf = (record: OutgoingRecord) => Buffer.from(record.data).toString()

let benches: Bench[]
async function started(put: PutRecords, changes?: Partial<KinesisEgressDefinition>): Promise<Bench> {
  const bench = await new Bench(put, changes).start()
  benches.push(bench)
  return bench
}

beforeEach(() => {
  vi.useFakeTimers()
  benches = []
})
afterEach(async () => {
  for (const { sink } of benches) await sink.stop()
  vi.useRealTimers()
})

describe('Kinesis egress', () => {
  it('sends what has gathered in a turn in one request, and then what came meanwhile', async () => {
    const requests: string[][] = []
    const bench = await started(async (_, records) => {
      requests.push(records.map(textOf))
      await new Promise((resolve) => setTimeout(resolve, 10))
      return records.map(() => undefined)
    })
    bench.write('a', '1')
    bench.write('b', '2')
    bench.sink.nudge()
    for (const key of ['c', 'd', 'e']) {
      bench.write(key, key)
      bench.sink.nudge()
    }
    await vi.advanceTimersByTimeAsync(15)
    expect(requests).toEqual([
      ['1', '2'],
      ['c', 'd', 'e'],
    ])
    await vi.advanceTimersByTimeAsync(15)
    expect(bench.context.metric('KinesisSink.numRecordsOut{egress="test/egress",stream="s"}')).toBe(5)
    expect(bench.context.metric('KinesisSink.numRequests{egress="test/egress",stream="s"}')).toBe(2)
    expect(bench.context.metric('KinesisSink.numRecordsOutstanding{egress="test/egress"}')).toBe(0)
  })

  it('lets other keys flow on while a record that was refused waits', async () => {
    const taken: string[] = []
    let refuse = true
    const bench = await started(async (_, records) =>
      records.map((record) => {
        if (refuse && record.partitionKey === 'a') return THROTTLED
        taken.push(textOf(record))
        return undefined
      }),
    )
    bench.write('a', 'a1')
    bench.write('a', 'a2')
    bench.write('b', 'b1')
    const flush = bench.sink.flush()
    await vi.advanceTimersByTimeAsync(1)
    bench.write('b', 'b2')
    bench.sink.nudge()
    await vi.advanceTimersByTimeAsync(1)
    expect(taken).toEqual(['b1', 'b2'])
    refuse = false
    await vi.advanceTimersByTimeAsync(1_000)
    await flush
    expect(taken).toEqual(['b1', 'b2', 'a1', 'a2'])
    expect(bench.context.metric('KinesisSink.numRecordsThrottled{egress="test/egress",stream="s"}')).toBe(1)
  })

  it('asks for less at maxOutstandingRecords, until there is room for a request', async () => {
    const answers: (() => void)[] = []
    const bench = await started(
      (_, records) => new Promise((resolve) => answers.push(() => resolve(records.map(() => undefined)))),
      { maxOutstandingRecords: 4 },
    )
    for (const key of ['a', 'b', 'c']) bench.write(key, key)
    expect(bench.sink.saturated).toBe(false)
    bench.write('a', 'a2')
    expect(bench.sink.saturated).toBe(true)
    bench.sink.nudge()
    expect(bench.drained).toBe(0)
    answers.shift()!()
    await vi.advanceTimersByTimeAsync(0)
    expect(bench.sink.saturated).toBe(false)
    expect(bench.drained).toBe(1)
  })

  it('waits out a dead endpoint, and tells once when it begins and when it is over', async () => {
    let dead = true
    const taken: string[] = []
    const bench = await started(async (_, records) => {
      if (dead) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
      taken.push(...records.map(textOf))
      return records.map(() => undefined)
    })
    bench.write('a', 'a1')
    const flush = bench.sink.flush()
    await vi.advanceTimersByTimeAsync(20_000)
    dead = false
    await vi.advanceTimersByTimeAsync(10_000)
    await flush
    expect(taken).toEqual(['a1'])
    expect(bench.failures).toEqual([])
    expect(bench.context.lines).toEqual([
      'warn egress test/egress cannot deliver to stream s: connect ECONNREFUSED; trying again',
      expect.stringMatching(/^info egress test\/egress delivers to stream s again after \d+ ms$/),
    ])
  })

  it('fails by an unknown stream, with the coordinates of a record', async () => {
    const bench = await started(async () => {
      throw Object.assign(new Error('Stream nope not found'), {
        name: 'ResourceNotFoundException',
        $metadata: { httpStatusCode: 400 },
      })
    })
    bench.write('a', 'a1', 'nope')
    bench.write('b', 'b1', 'nope')
    await expect(bench.sink.flush()).rejects.toMatchObject({ code: 'SF_KINESIS_NO_STREAM' })
    expect(bench.failures[0]).toMatchObject({
      code: 'SF_KINESIS_NO_STREAM',
      where:
        'function [counter/fn], id [alice], stream [nope], partition key [a], size [3], first of 2 records',
    })
    expect(() => bench.write('a', 'a2')).toThrow(expect.objectContaining({ code: 'SF_KINESIS_NO_STREAM' }))
  })

  it('fails by a record that is not taken within RecordTtl', async () => {
    const bench = await started(async (_, records) => records.map(() => THROTTLED), {
      clientConfigProperties: [['RecordTtl', '3000']],
    })
    bench.write('a', 'a1')
    bench.sink.nudge()
    await vi.advanceTimersByTimeAsync(4_000)
    expect(bench.failures).toHaveLength(1)
    expect(bench.failures[0]).toMatchObject({
      code: 'SF_KINESIS_DELIVERY_FAILED',
      message: expect.stringContaining('ProvisionedThroughputExceededException: slow down'),
      where: 'function [counter/fn], id [alice], stream [s], partition key [a], size [3]',
    })
  })

  it('waits RecordMaxBufferedTime for more, but not in a flush', async () => {
    const requests: number[] = []
    const bench = await started(
      async (_, records) => {
        requests.push(records.length)
        return records.map(() => undefined)
      },
      { clientConfigProperties: [['RecordMaxBufferedTime', '50']] },
    )
    bench.write('a', 'a1')
    bench.sink.nudge()
    await vi.advanceTimersByTimeAsync(40)
    bench.write('b', 'b1')
    bench.sink.nudge()
    await vi.advanceTimersByTimeAsync(20)
    expect(requests).toEqual([2])
    bench.write('c', 'c1')
    await bench.sink.flush()
    expect(requests).toEqual([2, 1])
  })

  it('rejects a flush when it is stopped', async () => {
    const bench = await started(() => new Promise(() => undefined))
    bench.write('a', 'a1')
    const flush = bench.sink.flush()
    await bench.sink.stop()
    await bench.sink.stop()
    await expect(flush).rejects.toMatchObject({ code: 'SF_KINESIS_STOPPED' })
  })

  it('leaves no timer behind when it is stopped while it starts', async () => {
    const sink = new KinesisSink(egress(), recordedContext())
    const starting = sink.start({ drained() {}, failed() {} })
    await sink.stop()
    await starting
    expect(vi.getTimerCount()).toBe(0)
  })

  it('tells once that some keys cannot be delivered, while those of others are', async () => {
    let refuse = true
    const bench = await started(async (_, records) =>
      records.map(({ partitionKey }) => (refuse && partitionKey === 'hot' ? THROTTLED : undefined)),
    )
    bench.write('hot', 'h1')
    bench.sink.nudge()
    for (let i = 0; i < 600; i++) {
      await vi.advanceTimersByTimeAsync(100)
      bench.write('calm', `c${i}`)
      bench.sink.nudge()
    }
    refuse = false
    const flush = bench.sink.flush()
    await vi.advanceTimersByTimeAsync(10_000)
    await flush
    expect(bench.context.lines).toEqual([
      'warn egress test/egress cannot deliver to stream s: ProvisionedThroughputExceededException: slow down; trying again',
      expect.stringMatching(/^info egress test\/egress delivers to stream s again after \d+ ms$/),
    ])
  })

  it('loses nothing, reorders no key and keeps the limits, whatever requests and records fail', async () => {
    const write = fc.record({
      key: fc.nat({ max: 5 }),
      stream: fc.constantFrom('s', 't'),
      length: fc.integer({ min: 1, max: 30 }),
      turn: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(write, { minLength: 1, maxLength: 60 }),
        fc.infiniteStream(fc.nat()),
        async (writes, dice) => {
          const roll = (below: number) => dice.next().value % below
          const taken = new Map<string, string[]>()
          const underway = new Map<string, number>()
          const violations: string[] = []
          const bench = await started(
            async (stream, records) => {
              underway.set(stream, (underway.get(stream) ?? 0) + 1)
              if (underway.get(stream)! > 4) violations.push('requests under way')
              if (records.length > 3) violations.push('records of a request')
              const bytes = records.reduce((sum, each) => sum + each.bytes, 0)
              if (records.length > 1 && bytes > 40) violations.push('bytes of a request')
              await new Promise((resolve) => setTimeout(resolve, roll(50)))
              underway.set(stream, underway.get(stream)! - 1)
              if (roll(6) === 0) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
              return records.map((record) => {
                if (roll(4) === 0) return THROTTLED
                const key = `${stream}/${record.partitionKey}`
                taken.set(key, [...(taken.get(key) ?? []), textOf(record)])
                return undefined
              })
            },
            {
              clientConfigProperties: [
                ['CollectionMaxCount', '3'],
                ['CollectionMaxSize', '40'],
                ['RecordTtl', '100000000'],
              ],
            },
          )
          const expected = new Map<string, string[]>()
          for (const [index, { key, stream, length, turn }] of writes.entries()) {
            const text = `${index}:`.padEnd(length, '.')
            expected.set(`${stream}/${key}`, [...(expected.get(`${stream}/${key}`) ?? []), text])
            bench.write(`${key}`, text, stream)
            if (turn) bench.sink.nudge()
            if (roll(5) === 0) await vi.advanceTimersByTimeAsync(roll(100))
          }
          let flushed = false
          const flush = bench.sink.flush().then(() => {
            flushed = true
            expect(taken).toEqual(expected)
          })
          while (!flushed) await vi.advanceTimersByTimeAsync(1_000)
          await flush
          expect(violations).toEqual([])
          expect(bench.failures).toEqual([])
          await bench.sink.stop()
        },
      ),
      { numRuns: 60 },
    )
  })
})
