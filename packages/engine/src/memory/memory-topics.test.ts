import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MemoryTopics } from './memory-topics.ts'
import type { TopicRecord } from './topic-record.ts'

const text = (record: TopicRecord) => (record.value === null ? null : new TextDecoder().decode(record.value))

describe('MemoryTopics', () => {
  it('gives offsets per partition and one partition per key', () => {
    const topics = new MemoryTopics({ partitions: 4 })
    const first = topics.produce('t', { key: 'foobar', value: '1' })
    const second = topics.produce('t', { key: 'foobar', value: '2' })
    expect([first.offset, second.offset]).toEqual([0, 1])
    expect(first.partition).toBe((-790332482 & 0x7fffffff) % 4)
    expect(second.partition).toBe(first.partition)
    const keyless = [0, 1, 2, 3].map(() => topics.produce('t', { value: 'x' }).partition)
    expect(new Set(keyless)).toEqual(new Set([0, 1, 2, 3]))
  })

  it('tells null, empty and text apart', () => {
    const topics = new MemoryTopics()
    const record = topics.produce('t', { key: '', headers: [{ key: 'h', value: null }] })
    expect(record.key).toEqual(new Uint8Array())
    expect(record.value).toBeNull()
    expect(record.headers).toEqual([{ key: 'h', value: null }])
  })

  it('refuses a partition that does not exist', () => {
    const topics = new MemoryTopics({ partitions: 2 })
    expect(() => topics.produce('t', { partition: 2 })).toThrow('topic "t" has no partition 2')
  })

  it('tails from the beginning, the end and an offset, never from within produce', async () => {
    const topics = new MemoryTopics()
    for (const value of ['a', 'b', 'c']) topics.produce('t', { value })
    const seen = { earliest: [] as unknown[], latest: [] as unknown[], two: [] as unknown[] }
    const stop = topics.tail('t', 'earliest', (record) => seen.earliest.push(text(record)))
    topics.tail('t', 'latest', (record) => seen.latest.push(text(record)))
    topics.tail('t', 2, (record) => seen.two.push(text(record)))
    topics.produce('t', { value: 'd' })
    expect(seen.earliest).toEqual([])
    await turn()
    expect(seen).toEqual({ earliest: ['a', 'b', 'c', 'd'], latest: ['d'], two: ['c', 'd'] })
    stop()
    topics.produce('t', { value: 'e' })
    await turn()
    expect(seen.earliest).toHaveLength(4)
    expect(seen.latest).toEqual(['d', 'e'])
  })

  it('tails all topics, those made later included', async () => {
    const topics = new MemoryTopics()
    topics.produce('old', { value: 'before' })
    const seen: string[] = []
    const stop = topics.tailAll((record) => void seen.push(`${record.topic} ${text(record)}`))
    topics.produce('old', { value: 'a' })
    topics.produce('new', { value: 'b' })
    await turn()
    expect(seen).toEqual(['old a', 'new b'])
    stop()
    topics.produce('newer', { value: 'c' })
    await turn()
    expect(seen).toHaveLength(2)
  })

  it('reads several partitions in order of time', () => {
    const topics = new MemoryTopics({ partitions: 2 })
    topics.produce('t', { partition: 1, value: 'first', timestamp: 1 })
    topics.produce('t', { partition: 0, value: 'second', timestamp: 2 })
    topics.produce('t', { partition: 1, value: 'third', timestamp: 3 })
    const cursor = topics.cursor('t', 'earliest')
    expect([cursor.next(), cursor.next(), cursor.next()].map((record) => text(record!))).toEqual([
      'first',
      'second',
      'third',
    ])
    expect(cursor.next()).toBeUndefined()
    topics.create('t', 3)
    topics.produce('t', { partition: 2, value: 'new partition' })
    expect(text(cursor.next()!)).toBe('new partition')
  })

  it('drops the oldest records beyond the limit and keeps the offsets', () => {
    const topics = new MemoryTopics({ retainRecords: 10 })
    for (let i = 0; i < 100; i++) topics.produce('t', { value: String(i) })
    const log = topics.log('t', 0)
    expect(log.end).toBe(100)
    expect(log.end - log.start).toBeGreaterThanOrEqual(10)
    expect(log.end - log.start).toBeLessThanOrEqual(20)
    expect(text(log.at(log.start)!)).toBe(String(log.start))
    expect(log.at(log.start - 1)).toBeUndefined()
  })
})

describe('MemoryTopics with a journal', () => {
  let folder: string
  let journal: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'statefun-topics-'))
    journal = join(folder, 'sub', 'topics.ndjson')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('has every record again after a restart, nulls and bytes included', () => {
    const before = new MemoryTopics({ journal, partitions: 2 })
    const bytes = new Uint8Array([0, 1, 255])
    before.produce('t', { key: 'k', value: bytes, headers: [{ key: 'h', value: null }], timestamp: 7 })
    before.produce('t', { partition: 1, key: null, value: null, timestamp: 8 })
    before.close()
    const after = new MemoryTopics({ journal, partitions: 2 })
    const cursor = after.cursor('t', 'earliest')
    const first = cursor.next()!
    expect(first.value).toEqual(bytes)
    expect(first.headers).toEqual([{ key: 'h', value: null }])
    expect(cursor.next()).toMatchObject({ partition: 1, key: null, value: null, timestamp: 8 })
    expect(after.produce('t', { partition: first.partition }).offset).toBe(
      before.log('t', first.partition).end,
    )
    after.close()
  })

  it('writes at the end of the turn, without being closed', async () => {
    const topics = new MemoryTopics({ journal })
    topics.produce('t', { value: 'a' })
    await Promise.resolve()
    expect(readFileSync(journal, 'utf8').split('\n')).toHaveLength(2)
    topics.close()
  })

  it('takes a torn last line away and goes on after it', () => {
    const before = new MemoryTopics({ journal })
    before.produce('t', { value: 'a' })
    before.close()
    appendFileSync(journal, '["t",0,1,5,nu')
    const between = new MemoryTopics({ journal })
    expect(between.size('t')).toBe(1)
    between.produce('t', { value: 'b' })
    between.close()
    const after = new MemoryTopics({ journal })
    expect(after.size('t')).toBe(2)
    after.close()
  })

  it('names the file when a line within is damaged', () => {
    const before = new MemoryTopics({ journal })
    before.close()
    appendFileSync(journal, 'damaged\n')
    expect(() => new MemoryTopics({ journal })).toThrowError(
      expect.objectContaining({ code: 'SF_TOPICS_JOURNAL', where: journal }),
    )
  })

  it('does not let the file grow for ever', { timeout: 30_000 }, () => {
    const topics = new MemoryTopics({ journal, retainRecords: 5 })
    for (let i = 0; i < 100_000; i++) topics.produce('t', { value: 'x' })
    topics.produce('t', { value: 'last' })
    topics.close()
    expect(statSync(journal).size).toBeLessThan(1000)
    const after = new MemoryTopics({ journal })
    expect(after.log('t', 0).end).toBe(100_001)
    expect(text(after.log('t', 0).at(100_000)!)).toBe('last')
    after.close()
  })

  it('writes the file anew without the records beyond the limit', () => {
    const before = new MemoryTopics({ journal })
    for (let i = 0; i < 100; i++) before.produce('t', { value: String(i) })
    before.close()
    new MemoryTopics({ journal, retainRecords: 5 }).close()
    const lines = readFileSync(journal, 'utf8').trim().split('\n')
    expect(lines.length).toBeLessThanOrEqual(10)
    const after = new MemoryTopics({ journal })
    expect(after.log('t', 0).end).toBe(100)
    after.close()
  })
})
