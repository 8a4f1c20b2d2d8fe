import { create } from '@bufbuild/protobuf'
import { testFunction } from '@statefun/sdk/testing'
import { describe, expect, it } from 'vitest'
import { CounterResult, counter } from './counter.ts'
import { CounterCommandSchema } from './gen/counter_pb.ts'

const add = (delta: bigint) => create(CounterCommandSchema, { id: 'alice', delta })

describe('counter on Kinesis', () => {
  it('adds up and emits the total with the id as partition key', async () => {
    const test = testFunction(counter, { id: 'alice', state: { total: 2n } })
    const effects = await test.invokeBatch([add(3n), add(-1n)])
    expect(test.state.total).toBe(4n)
    expect(
      effects.egress.map((record) => [
        record.egress,
        record.stream,
        record.partitionKey,
        record.as(CounterResult).total,
      ]),
    ).toEqual([
      ['counter/kinesis-results', 'counter.results', 'alice', 5n],
      ['counter/kinesis-results', 'counter.results', 'alice', 4n],
    ])
  })
})
