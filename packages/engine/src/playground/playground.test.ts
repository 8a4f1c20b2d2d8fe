import { afterEach, describe, expect, it } from 'vitest'
import type { SourcePartition } from '../connector/source.ts'
import { PLAYGROUND_RECORD_TYPENAME, PlaygroundEgress } from './playground-egress.ts'
import { PlaygroundIngress } from './playground-ingress.ts'

const location = { file: 'module.yaml', line: 1, column: 1 }
const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const part of running.splice(0)) await part.stop()
})

async function startIngress(maxBodyBytes?: number) {
  const ingress = new PlaygroundIngress(
    { kind: 'io.statefun.playground.v1/ingress', id: 'io.statefun.playground/ingress', port: 0, location },
    { maxBodyBytes },
  )
  const partitions: SourcePartition[] = []
  const received: string[] = []
  await ingress.start({
    added: (partition) => void partitions.push(partition),
    ready: (partition) => {
      while (partition.next()) {
        const { valueType, targets } = partition.route
        received.push(
          `${targets[0]} ${partition.id()} ${valueType} ${new TextDecoder().decode(partition.value())}`,
        )
      }
    },
    failed: (error) => {
      throw error
    },
  })
  running.push(ingress)
  return { url: `http://127.0.0.1:${ingress.port}`, received, partitions }
}

describe('playground ingress', () => {
  it('makes a message of any request to /<namespace>/<type>/<id>', async () => {
    const { url, received } = await startIngress()
    const json = { 'content-type': 'application/vnd.example/GreetRequest; charset=utf-8' }
    const first = await fetch(`${url}/example/greeter/Bob%20B`, {
      method: 'POST',
      headers: json,
      body: '{"n":1}',
    })
    const second = await fetch(`${url}/example/greeter/x`, { method: 'PUT', body: 'plain' })
    expect([first.status, second.status]).toEqual([200, 200])
    expect(received).toEqual([
      'example/greeter Bob B example/GreetRequest {"n":1}',
      'example/greeter x io.statefun.types/string plain',
    ])
  })

  it('keeps the order of messages to one function while more than a queue page goes through', async () => {
    const { url, received, partitions } = await startIngress()
    for (let i = 0; i < 3; i++) await fetch(`${url}/a/b/${i}`, { method: 'POST', body: 'v' })
    expect(received.map((line) => line.split(' ')[1])).toEqual(['0', '1', '2'])
    expect(partitions).toHaveLength(1)
  })

  it('answers 500 to another path and 413 to a body over the limit', async () => {
    const { url, received } = await startIngress(4)
    expect((await fetch(`${url}/a/b`)).status).toBe(500)
    expect((await fetch(`${url}/a/b/c/d`)).status).toBe(500)
    expect((await fetch(`${url}/a//c`)).status).toBe(500)
    expect((await fetch(`${url}/a/b/%E0`)).status).toBe(500)
    expect((await fetch(`${url}/a/b/c`, { method: 'POST', body: '12345' })).status).toBe(413)
    expect(received).toEqual([])
  })

  it('says which port is taken', async () => {
    const { url } = await startIngress()
    const second = new PlaygroundIngress({
      kind: 'io.statefun.playground.v1/ingress',
      id: 'io.statefun.playground/ingress',
      port: Number(new URL(url).port),
      location,
    })
    await expect(second.start({ added() {}, ready() {}, failed() {} })).rejects.toMatchObject({
      code: 'SF_PLAYGROUND_LISTEN',
    })
  })
})

describe('playground egress', () => {
  async function startEgress() {
    const egress = new PlaygroundEgress({
      kind: 'io.statefun.playground.v1/egress',
      id: 'io.statefun.playground/egress',
      port: 0,
      topics: ['greetings'],
      location,
    })
    await egress.start()
    running.push(egress)
    const write = (text: string, typename = PLAYGROUND_RECORD_TYPENAME) =>
      egress.write({ typename, hasValue: true, value: new TextEncoder().encode(text) })
    return { write, url: `http://127.0.0.1:${egress.port}` }
  }

  it('hands out payloads one by one, oldest first, then 404', async () => {
    const { write, url } = await startEgress()
    for (const payload of ['one', 'two']) write(JSON.stringify({ topic: 'greetings', payload }))
    const bodies: string[] = []
    for (let i = 0; i < 2; i++) bodies.push(await (await fetch(`${url}/greetings`)).text())
    expect(bodies).toEqual(['one', 'two'])
    expect((await fetch(`${url}/greetings`)).status).toBe(404)
    expect((await fetch(`${url}/other`)).status).toBe(405)
    expect((await fetch(`${url}/%E0`)).status).toBe(405)
    expect((await fetch(`${url}//`)).status).toBe(405)
  })

  it('refuses other types, other shapes and unlisted topics', async () => {
    const { write } = await startEgress()
    expect(() => write('{"topic":"greetings","payload":"x"}', 'a/b')).toThrow('value of type a/b')
    expect(() => write('{"topic":"other","payload":"x"}')).toThrow('no topic "other"')
    expect(() => write('{"topic":"greetings"}')).toThrow('not JSON')
    expect(() => write('nonsense')).toThrow('not JSON')
  })
})
