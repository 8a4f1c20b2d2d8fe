import { create } from '@bufbuild/protobuf'
import { expect, test } from '@statefun/gate/test'
import { types } from '@statefun/sdk'
import { CounterCommand, CounterResult } from '../counter.ts'
import { CounterCommandSchema } from '../gen/counter_pb.ts'

test('adds up the deltas of an id', { tags: ['kafka'] }, async ({ kafka }) => {
  const id = crypto.randomUUID()
  for (const delta of [5n, -2n]) {
    const value = create(CounterCommandSchema, { id, delta })
    await kafka.send('counter.commands', { key: id, as: CounterCommand, value })
  }
  const results = await kafka.read('counter.results', {
    as: CounterResult,
    match: (record) => record.key === id,
    count: 2,
  })
  expect(results.map(({ value }) => value.total)).toEqual([5n, 3n])
})

test('hands headers on, binary and null ones too', { tags: ['kafka', 'headers'] }, async ({ kafka }) => {
  const id = crypto.randomUUID()
  await kafka.send('counter.commands', {
    key: id,
    as: CounterCommand,
    value: create(CounterCommandSchema, { id, delta: 2n }),
    headers: { 'trace-id': 'abc', 'bin-header': Uint8Array.of(0, 1, 255), 'null-header': null },
  })
  const result = await kafka.read('counter.results', { match: (record) => record.key === id })
  expect(result.headerText('trace-id')).toBe('abc')
  expect(result.header('bin-header')).toEqual(Uint8Array.of(0, 1, 255))
  expect(result.header('null-header')).toBeNull()
  expect(result.headerText('processed-by')).toBe('counter-fn')
})

test('keeps its totals over a crash of the engine', {
  tags: ['kafka', 'chaos'],
  meta: { needs: ['worker-fault', 'read-state'] },
}, async ({ kafka, app, faults }) => {
  const id = crypto.randomUUID()
  const add = async (delta: bigint) => {
    const value = create(CounterCommandSchema, { id, delta })
    await kafka.send('counter.commands', { key: id, as: CounterCommand, value })
    return await kafka.read('counter.results', {
      as: CounterResult,
      match: (record) => record.key === id && record.value.total >= delta,
    })
  }
  await add(1n)
  await faults.restart('worker')
  expect((await add(2n)).value.total).toBe(3n)
  expect(await app.state('counter.kafka/fn', id, 'total', types.long)).toBe(3n)
})
