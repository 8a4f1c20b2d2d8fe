import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from '@statefun/gate/test'
import { CounterResult } from '../examples/counter/counter.ts'
import { expirationMs } from './app/expiration.ts'
import { addTo } from './kit/add-to.ts'
import { newId } from './kit/new-id.ts'

const BYTES = new Uint8Array([0x00, 0x01, 0xff])
/**
 * Past the expiration of a state that was written before its result could be read; all parts of a run have the clock of this
 * machine.
 */
const PAST_MS = 100

// Each has ids of its own, so that none waits for another one.
describe.concurrent('Kafka', () => {
  test('a protobuf counter adds up the deltas of its id', { tags: ['kafka', 'state'] }, async ({ kafka }) => {
    const id = newId('counter')
    await kafka.send(
      'counter.commands',
      Array.from({ length: 10 }, () => addTo(id, 1n)),
    )
    const results = await kafka.read('counter.results', {
      as: CounterResult,
      match: ({ value }) => value.id === id,
      until: (records) => records.some(({ value }) => value.total >= 10n),
    })
    const totals = results.map(({ value }) => value.total)
    expect(totals.reduce((most, total) => (total > most ? total : most))).toBe(10n)
    expect(results.every(({ key }) => key === id)).toBe(true)
  })

  test('a greeter takes JSON and gives JSON', { tags: ['kafka'] }, async ({ kafka }) => {
    const id = newId('alice')
    await kafka.send('greeter.commands', { key: id, value: '{"name":"Alice"}' })
    const greeting = await kafka.read('greeter.results', { match: ({ key }) => key === id })
    expect(greeting.json()).toEqual({ greeting: 'Hello, Alice!' })
  })

  test('a state is gone when its time is over', { tags: ['kafka', 'state'] }, async ({ engine, kafka }) => {
    const id = newId('ttl')
    const totals = async (count: number) => {
      const results = await kafka.read('counter.results.ttl', {
        as: CounterResult,
        match: ({ value }) => value.id === id,
        count,
      })
      return results.map(({ value }) => value.total)
    }
    await kafka.send('counter.commands.ttl', addTo(id, 5n))
    expect(await totals(1)).toEqual([5n])
    await sleep(expirationMs(engine.topology) + PAST_MS)
    await kafka.send('counter.commands.ttl', addTo(id, 3n))
    expect(await totals(2)).toEqual([5n, 3n])
  })

  test('headers pass through ingress, function and egress, whatever their values', {
    tags: ['kafka', 'headers'],
  }, async ({ kafka }) => {
    const id = newId('headers')
    await kafka.send('counter.commands', {
      ...addTo(id, 2n),
      headers: { 'trace-id': 'trace-abc', 'bin-header': BYTES, 'null-header': null },
    })
    const result = await kafka.read('counter.results', {
      as: CounterResult,
      match: ({ value }) => value.id === id,
    })
    expect(result.headers.map(({ key }) => key)).toEqual([
      'trace-id',
      'bin-header',
      'null-header',
      'processed-by',
    ])
    expect(result.headerText('trace-id')).toBe('trace-abc')
    expect([...(result.header('bin-header') ?? [])]).toEqual([...BYTES])
    expect(result.header('null-header')).toBeNull()
    expect(result.headerText('processed-by')).toBe('counter-fn')
  })
})
