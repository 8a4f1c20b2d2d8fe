import { expect, it } from 'vitest'
import type { Channel, IncomingRecord } from './channel.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** What every {@link Channel} does, whatever topics are behind it. `topic` names one that does not exist yet. */
export function channelCases(open: () => Promise<Channel>, topic: () => string): void {
  it('hands over what was sent, each record once and those of a key in order', async () => {
    await using channel = await open()
    const name = topic()
    const received: IncomingRecord[] = []
    const end = await channel.receive(name, (record) => received.push(record))
    const sent = Array.from({ length: 60 }, (_, index) => ({
      topic: name,
      key: `k${index % 3}`,
      value: bytes(String(index)),
    }))
    await channel.send(sent.slice(0, 30))
    await channel.send(sent.slice(30))
    await expect.poll(() => received.length).toBe(60)
    for (const key of ['k0', 'k1', 'k2']) {
      const values = (records: readonly { key: string; value: Uint8Array }[]) =>
        records.filter((record) => record.key === key).map(({ value }) => Buffer.from(value).toString())
      expect(values(received)).toEqual(values(sent))
    }
    const places = received.map(({ partition, offset }) => `${partition}/${offset}`)
    expect(new Set(places).size).toBe(60)
    await end()
    await channel.send(sent.slice(0, 1))
    const again: IncomingRecord[] = []
    await channel.receive(name, (record) => again.push(record))
    await expect.poll(() => again.length).toBe(61)
    expect(received).toHaveLength(60)
    expect(again[0]).toEqual(received[0])
  })

  it('tells topics apart', async () => {
    await using channel = await open()
    const [one, other] = [topic(), topic()]
    const received: string[] = []
    for (const name of [one, other])
      await channel.receive(name, ({ topic, key }) => received.push(`${topic} ${key}`))
    await channel.send([
      { topic: one, key: 'a', value: bytes('') },
      { topic: other, key: 'ü/b', value: bytes('x') },
    ])
    await expect.poll(() => received.sort()).toEqual([`${one} a`, `${other} ü/b`].sort())
  })
}
