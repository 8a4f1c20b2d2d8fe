import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MemoryTopics } from './memory-topics.ts'
import { serveTopics } from './topics-http.ts'

let topics: MemoryTopics
let server: Server
let url: string

beforeEach(async () => {
  topics = new MemoryTopics()
  server = createServer((request, response) => {
    void serveTopics(topics, request, response).then((served) => {
      if (!served) response.writeHead(404).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function post(topic: string, body: unknown, type = 'application/json') {
  return fetch(`${url}/topics/${topic}/records`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

async function read(query = ''): Promise<unknown[]> {
  const text = await (await fetch(`${url}/topics/t/records${query}`)).text()
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

describe('topics over HTTP', () => {
  it('gives back what it took: text, bytes, nulls and headers', async () => {
    const bytes = Buffer.from([0, 255]).toString('base64')
    const headers = [
      { key: 'a', value: 'x' },
      { key: 'b', valueBase64: bytes },
      { key: 'c', value: null },
    ]
    const answer = await post('t', { key: 'k', value: 'text', headers, timestamp: 5 })
    expect(await answer.json()).toEqual({ records: [{ topic: 't', partition: 0, offset: 0 }] })
    await post('t', { valueBase64: bytes, timestamp: 6 })
    expect(await read()).toEqual([
      { topic: 't', partition: 0, offset: 0, timestamp: 5, key: 'k', value: 'text', headers },
      { topic: 't', partition: 0, offset: 1, timestamp: 6, key: null, valueBase64: bytes, headers: [] },
    ])
  })

  it('takes a record per line, or none when one is wrong', async () => {
    await post('t', '{"key":"1"}\n{"key":"2"}\n\n', 'application/x-ndjson')
    const refused = await post('t', '{"key":"3"}\n{"keys":"4"}\n', 'application/x-ndjson')
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ code: 'SF_RECORD_JSON' })
    const partition = await post('t', '{"key":"3"}\n{"partition":7}\n', 'application/x-ndjson')
    expect(await partition.json()).toMatchObject({ code: 'SF_TOPICS_PARTITION' })
    expect(topics.size('t')).toBe(2)
  })

  it('reads from an offset and up to a limit', async () => {
    for (const key of ['a', 'b', 'c']) topics.produce('t', { key })
    expect(await read('?from=1&limit=1')).toMatchObject([{ key: 'b' }])
    expect(await read('?from=latest')).toEqual([])
    expect(await read('?limit=2')).toHaveLength(2)
  })

  it('follows until the client goes', async () => {
    topics.produce('t', { key: 'before' })
    const stop = new AbortController()
    const response = await fetch(`${url}/topics/t/records?follow=true`, { signal: stop.signal })
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    expect(JSON.parse((await reader.read()).value!)).toMatchObject({ key: 'before' })
    topics.produce('t', { key: 'after' })
    expect(JSON.parse((await reader.read()).value!)).toMatchObject({ key: 'after' })
    stop.abort()
    await expect(reader.read()).rejects.toThrow()
  })

  it.each([
    ['not JSON', '{', 'application/json', 400],
    ['a list', '[]', 'application/json', 400],
    ['bad base64', '{"valueBase64":"*"}', 'application/json', 400],
    ['both forms', '{"value":"a","valueBase64":"YQ=="}', 'application/json', 400],
    ['a header without key', '{"headers":[{"value":"a"}]}', 'application/json', 400],
    ['what a form of another page can send', '{}', 'text/plain', 415],
  ])('refuses %s', async (_, body, type, status) => {
    expect((await post('t', body, type)).status).toBe(status)
    expect(topics.size('t')).toBe(0)
  })

  it('lists topics, names allowed methods, leaves other paths alone', async () => {
    topics.produce('t', {})
    expect(await (await fetch(`${url}/topics`)).json()).toEqual({
      topics: [{ name: 't', partitions: 1, records: 1 }],
    })
    const wrong = await fetch(`${url}/topics/t/records`, { method: 'DELETE' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, POST'])
    expect((await fetch(`${url}/topics/t/other`)).status).toBe(404)
    expect((await fetch(`${url}/health`)).status).toBe(404)
    expect((await fetch(`${url}/topics/t/records?from=soon`)).status).toBe(400)
    expect((await fetch(`${url}/topics/%E0/records`)).status).toBe(400)
  })
})
