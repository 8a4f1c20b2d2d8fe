import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type InvocableFunction, kafkaRecordValue, types } from '@statefun/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { folderPlace } from '../checkpoint/checkpoint-place.ts'
import type { FileSystem, OpenFile } from '../checkpoint/file-system.ts'
import { nodeFileSystem } from '../checkpoint/node-file-system.ts'
import type { Logger } from '../logger.ts'
import { memoryConnector } from '../memory/memory-connector.ts'
import { MemoryTopics } from '../memory/memory-topics.ts'
import { loadModule } from '../module/load-module.ts'
import { startEngine } from './engine.ts'

const MODULE = `
kind: io.statefun.kafka.v1/ingress
spec:
  id: test/in
  address: unused:9092
  consumerGroupId: test
  startupPosition: { type: earliest }
  topics: [{ topic: commands, valueType: test/any, targets: [test/counter] }]
---
kind: io.statefun.kafka.v1/egress
spec: { id: test/out, address: unused:9092 }
`

const total = {
  stateName: 'total',
  typename: types.int.typename,
  expireMode: 'none',
  expireAfterMs: 0,
} as const

/** Counts messages in a state and emits every count. */
const counter: InvocableFunction = {
  typename: 'test/counter',
  invoke({ state, invocations, target }) {
    const stored = state.find(({ stateName }) => stateName === 'total')
    if (stored === undefined) return { kind: 'incomplete', missing: [total] }
    let count = stored.stateValue === undefined ? 0 : types.int.deserialize(stored.stateValue.value)
    const outgoingEgresses = invocations.map(() => {
      const value = Buffer.from(String(++count))
      const argument = kafkaRecordValue({ topic: 'results', key: target.id, value, headers: [] })
      return { egressNamespace: 'test', egressType: 'out', argument }
    })
    const value = { typename: total.typename, hasValue: true, value: types.int.serialize(count) }
    return {
      kind: 'response',
      outgoingMessages: [],
      delayedInvocations: [],
      outgoingEgresses,
      stateMutations: [{ stateName: 'total', value }],
    }
  },
}

/** The machine's file system with room for so many bytes more; a write that does not fit is made in part. */
class SmallDisk implements FileSystem {
  readonly makeFolder = nodeFileSystem.makeFolder
  readonly list = nodeFileSystem.list
  readonly rename = nodeFileSystem.rename
  readonly remove = nodeFileSystem.remove
  readonly syncFolder = nodeFileSystem.syncFolder
  readonly lock = nodeFileSystem.lock
  room = Number.POSITIVE_INFINITY
  refused = 0

  async open(path: string, how: 'read' | 'create' | 'change'): Promise<OpenFile> {
    const file = await nodeFileSystem.open(path, how)
    return {
      read: (into, position) => file.read(into, position),
      append: async (parts) => {
        const all = Buffer.concat(parts)
        if (all.length <= this.room) {
          this.room -= all.length
          await file.append([all])
          return
        }
        this.refused++
        const { room } = this
        // Before the write is under way: the test may make room meanwhile.
        this.room = 0
        await file.append([all.subarray(0, room)])
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      },
      truncate: (bytes) => file.truncate(bytes),
      sync: () => file.sync(),
      size: () => file.size(),
      close: () => file.close(),
    }
  }
}

let folder: string
let topics: MemoryTopics
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'statefun-full-'))
  topics = new MemoryTopics()
})
afterEach(async () => {
  topics.close()
  await rm(folder, { recursive: true, force: true })
})

it('loses nothing on a full disk, and goes on once there is room', async () => {
  const disk = new SmallDisk()
  const logged: string[] = []
  const nothing = () => undefined
  const logger: Logger = {
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: (fields) => void logged.push(JSON.stringify(fields)),
  }
  const engine = await startEngine({
    app: 'test',
    module: loadModule(MODULE, { file: 'module.yaml', functions: ['test/counter'] }),
    functions: [counter],
    connectors: [memoryConnector(topics)],
    checkpoint: { place: folderPlace(folder, disk), interval: 2, compactAfterBytes: 2000 },
    restart: { delayMs: 1 },
    logger,
  })
  const produce = (count: number) => {
    for (let left = count; left > 0; left--)
      topics.produce('commands', { key: Buffer.from('a'), value: Buffer.from('x'), headers: [] })
  }
  const newest = () => {
    const cursor = topics.cursor('results', 'earliest')
    let last = 0
    for (let record = cursor.next(); record !== undefined; record = cursor.next())
      last = Math.max(last, Number(Buffer.from(record.value!).toString()))
    return last
  }
  let produced = 0
  for (const room of [0, 10, 150, 1000, 3000]) {
    produce(20)
    produced += 20
    await expect.poll(newest).toBe(produced)
    disk.room = room
    const { refused } = disk
    await expect
      .poll(
        () => {
          if (engine.ready) {
            produce(1)
            produced++
          }
          return disk.refused
        },
        { interval: 2, timeout: 10_000 },
      )
      .toBeGreaterThan(refused + 1)
    disk.room = Number.POSITIVE_INFINITY
    await expect.poll(newest, { timeout: 10_000 }).toBe(produced)
  }
  // A write that had no room may still be on its way to fail.
  await expect
    .poll(async () =>
      engine.checkpoint().then(
        () => true,
        () => false,
      ),
    )
    .toBe(true)
  await engine.stop()
  expect(logged.join()).toContain('SF_CHECKPOINT_WRITE')
  expect(logged.join()).toContain('make room on the disk')
}, 30_000)
