import { create } from '@bufbuild/protobuf'
import { testFunction } from '@statefun/sdk/testing'
import { describe, expect, it } from 'vitest'
import { CounterResult, counter } from './counter.ts'
import { counterTtl } from './counter-ttl.ts'
import { CounterCommandSchema } from './gen/counter_pb.ts'
import { greeter } from './greeter.ts'

const add = (delta: bigint) => create(CounterCommandSchema, { id: 'alice', delta })

describe('counter', () => {
  it('adds up and emits the total under the id of the command', async () => {
    const test = testFunction(counter, { id: 'alice', state: { total: 2n } })
    const effects = await test.invokeBatch([add(3n), add(-1n)])
    expect(test.state.total).toBe(4n)
    expect(
      effects.egress.map((record) => [record.topic, record.key, record.as(CounterResult).total]),
    ).toEqual([
      ['counter.results', 'alice', 5n],
      ['counter.results', 'alice', 4n],
    ])
  })

  it('hands headers on, the ones without value too, and adds its own', async () => {
    const test = testFunction(counter)
    const bytes = new Uint8Array([0, 1, 255])
    const headers = [
      ['trace-id', 'trace-abc'],
      ['bin-header', bytes],
      ['null-header', null],
    ] as const
    const [record] = (await test.invoke(add(1n), { headers })).egress
    expect([...(record?.headers ?? [])].map(({ key, value }) => [key, value])).toEqual([
      ['trace-id', new TextEncoder().encode('trace-abc')],
      ['bin-header', bytes],
      ['null-header', null],
      ['processed-by', new TextEncoder().encode('counter-fn')],
    ])
  })
})

describe('counter with expiration', () => {
  it('forgets its total five seconds after the last command', async () => {
    const test = testFunction(counterTtl)
    await test.invoke(add(5n))
    await test.advance('4 s')
    await test.invoke(add(1n))
    expect(test.state.total).toBe(6n)
    await test.advance('6 s')
    await test.invoke(add(3n))
    expect(test.state.total).toBe(3n)
  })
})

describe('greeter', () => {
  it.each([
    ['{"name":"Alice"}', 'Hello, Alice!'],
    ['{ "id": 1, "name" : "Bob" }', 'Hello, Bob!'],
    ['world', 'Hello, world!'],
  ])('greets %s', async (request, greeting) => {
    const effects = await testFunction(greeter, { id: 'g1' }).invoke(request)
    expect(effects.egress).toHaveLength(1)
    expect(effects.egress[0]).toMatchObject({ topic: 'greeter.results', key: 'g1' })
    expect(JSON.parse(effects.egress[0]?.text ?? '')).toEqual({ greeting })
  })
})
