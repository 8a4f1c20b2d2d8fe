import { types } from '@statefun/protocol'
import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import type { Kafka } from '../kafka/kafka.ts'

/** What {@link kafkaCases} are run against. */
export interface KafkaUnderTest {
  readonly kafka: Kafka
  createTopic(name: string, partitions: number): Promise<void>
  /** Milliseconds in which what was sent is read for sure. */
  readonly vainMs: number
}

/** How topics behave for a test, wherever they are. */
export function kafkaCases(what: string, get: () => KafkaUnderTest): void {
  let kafka: Kafka
  let topic: string

  beforeEach(() => {
    kafka = get().kafka
    topic = `t-${crypto.randomUUID()}`
  })

  describe(what, () => {
    test('keep keys, values and headers as they are: text, bytes and null', async () => {
      const bytes = Uint8Array.of(0, 1, 255)
      const place = await kafka.send(topic, {
        key: bytes,
        value: bytes,
        headers: { b: bytes, n: null, t: 'ä' },
      })
      expect(place).toEqual({ partition: 0, offset: 0 })
      const twice = ['1', '2'].map((value) => ['twice', value] as const)
      expect(await kafka.send(topic, { value: null, headers: twice })).toEqual({ partition: 0, offset: 1 })
      const [first, second] = await kafka.read(topic, { count: 2 })
      expect(first?.keyBytes).toEqual(bytes)
      expect(first?.value).toEqual(bytes)
      expect(first?.header('b')).toEqual(bytes)
      expect(first?.header('n')).toBeNull()
      expect(first?.header('x')).toBeUndefined()
      expect(first?.headerText('t')).toBe('ä')
      expect(second).toMatchObject({ key: null, value: null })
      expect(second?.headers.map(({ key }) => key)).toEqual(['twice', 'twice'])
      expect(second?.headerText('twice')).toBe('2')
    })

    test('a read waits for what is not there yet', async () => {
      const reading = kafka.read(topic, { match: ({ key }) => key === 'b' })
      await kafka.send(topic, [
        { key: 'a', value: '1' },
        { key: 'b', value: '{"n":2}' },
      ])
      const record = await reading
      expectTypeOf(record.value).toEqualTypeOf<Uint8Array | null>()
      expect(record.json()).toEqual({ n: 2 })
    })

    test('types of the SDK say what values are', async () => {
      await kafka.send(topic, [
        { key: 'a', as: types.long, value: 5n },
        { key: 'b', as: types.long, value: 7n },
      ])
      const one = await kafka.read(topic, { as: types.long, match: ({ value }) => value > 5n })
      expectTypeOf(one.value).toBeBigInt()
      expect(one.value).toBe(7n)
      const all = await kafka.read(topic, {
        as: types.long,
        until: (records) => records.reduce((sum, { value }) => sum + value, 0n) >= 12n,
      })
      expect(all.map(({ value }) => value)).toEqual([5n, 7n])
    })

    test('a read from an end leaves out what was there before', async () => {
      await kafka.send(topic, { value: 'old' })
      const end = await kafka.end(topic)
      await kafka.send(topic, { value: 'new' })
      expect((await kafka.read(topic, { from: end })).text()).toBe('new')
      expect(await kafka.end(`${topic}-missing`)).toEqual([])
    })

    test('records of several partitions say where they lie, those of a key in one', async () => {
      await get().createTopic(topic, 3)
      const keys = ['a', 'b', 'c', 'd', 'e', 'f']
      const places = await kafka.send(
        topic,
        [...keys, ...keys].map((key) => ({ key, value: key })),
      )
      const records = await kafka.read(topic, { count: 12 })
      for (const [index, key] of [...keys, ...keys].entries()) {
        const there = ({ partition, offset }: { partition: number; offset: number }) =>
          partition === places[index]?.partition && offset === places[index].offset
        expect(records.find(there)?.key).toBe(key)
      }
      expect(new Set(places.map(({ partition }) => partition)).size).toBeGreaterThan(1)
      expect(places.slice(0, 6).map(({ partition }) => partition)).toEqual(
        places.slice(6).map(({ partition }) => partition),
      )
    })

    test('a tail is what is there, and does not wait', async () => {
      await kafka.send(
        topic,
        ['0', '1', '2', '3'].map((value) => ({ value })),
      )
      expect((await kafka.tail(topic, 3)).map((record) => record.text())).toEqual(['1', '2', '3'])
      expect(await kafka.tail(`${topic}-missing`)).toEqual([])
    })

    test('what does not arrive is told with what did', async () => {
      await kafka.send(topic, [
        { key: 'k', value: 'text', headers: { h: Uint8Array.of(255) } },
        { key: 'broken', value: Uint8Array.of(9, 1) },
      ])
      const timeout = get().vainMs
      const reading = kafka.read(topic, { as: types.long, match: ({ key }) => key === 'other', timeout })
      const message =
        /: no record matched within \S+ s\n2 records arrived:\n {2}partition \[0\] offset \[0\] key "k" headers h=0xff value "text" \(cannot be read: .*\n.*key "broken".*\nthe app is fine$/s
      await expect(reading).rejects.toMatchObject({
        code: 'SF_GATE_NOT_THERE',
        message: expect.stringMatching(message),
      })
      await expect(kafka.read(topic, { count: 3, timeout })).rejects.toThrow('2 of 3 records matched')
    })
  })
}
