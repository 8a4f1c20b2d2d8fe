import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ClassicLevel } from 'classic-level'
import { open } from 'lmdb'
import { systemClock } from '../../../packages/engine/src/clock.ts'
import { FunctionTypes } from '../../../packages/engine/src/core/function-types.ts'
import type { Instance } from '../../../packages/engine/src/core/instance.ts'
import { DiskState } from '../../../packages/engine/src/state/disk-state.ts'
import { NodeScratchFolder } from '../../../packages/engine/src/state/node-scratch-folder.ts'
import type { Contender, StateStore } from './state-store.ts'

const CACHE_BYTES = 64 * 1024 * 1024

/** Each without fsync, with 64 MiB of cache where it has one, keys as text and values as bytes. */
export const contenders: readonly Contender[] = [
  { name: 'spill store', open: openSpillStore },
  { name: 'classic-level', open: openClassicLevel },
  { name: 'lmdb', open: openLmdb },
  { name: 'node:sqlite', open: openSqlite },
]

/** Ours. An instance is in memory or on disk: reading takes it off the disk, and writing is how it gets back. */
async function openSpillStore(folder: string): Promise<StateStore> {
  const settings = { maxNumBatchRequests: 0, failurePolicy: { type: 'fail' } } as const
  const types = new FunctionTypes([{ namespace: 'bench', name: 'fn', settings }], () => undefined)
  const disk = new DiskState({
    folder: new NodeScratchFolder(folder),
    cacheBytes: 0,
    types,
    clock: systemClock,
    loaded: () => undefined,
    drained: () => undefined,
    failed: (error) => {
      throw error
    },
  })
  const type = types.get('bench', 'fn', 'bench')
  type.register({ stateName: 'total', typename: 'bench/value', expireMode: 'none', expireAfterMs: 0 })
  await disk.open()
  disk.started()
  const settled = async (instance: Instance): Promise<void> => {
    disk.load()
    while (instance.loading) await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return {
    async prepare(keys) {
      for (const key of keys) await settled(type.instance(key))
    },
    async write(keys, value) {
      for (const key of keys) {
        type.instance(key).setValue(0, value, 0)
      }
      await disk.makeRoom(0)
    },
    async read(keys) {
      const instances = keys.map((key) => type.instance(key))
      for (const instance of instances) if (instance.loading) await settled(instance)
      return instances.filter((instance) => instance.value(0) !== undefined).length
    },
    close: () => disk.close(),
  }
}

async function openClassicLevel(folder: string): Promise<StateStore> {
  const db = new ClassicLevel<string, Uint8Array>(folder, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    cacheSize: CACHE_BYTES,
    writeBufferSize: 16 * 1024 * 1024,
  })
  await db.open()
  return {
    prepare: async () => undefined,
    write: (keys, value) => db.batch(keys.map((key) => ({ type: 'put', key, value }))),
    read: async (keys) => (await db.getMany([...keys])).filter((value) => value !== undefined).length,
    close: () => db.close(),
  }
}

async function openLmdb(folder: string): Promise<StateStore> {
  const db = open<Uint8Array, string>({
    path: folder,
    encoding: 'binary',
    noSync: true,
    overlappingSync: false,
  })
  return {
    prepare: async () => undefined,
    write: async (keys, value) => {
      db.transactionSync(() => {
        for (const key of keys) db.putSync(key, value)
      })
    },
    read: async (keys) => {
      let found = 0
      for (const key of keys) if (db.getBinary(key) !== undefined) found++
      return found
    },
    close: () => db.close(),
  }
}

async function openSqlite(folder: string): Promise<StateStore> {
  const db = new DatabaseSync(join(folder, 'state.db'))
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_BYTES / 1024};
     CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID`,
  )
  const put = db.prepare('INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
  const get = db.prepare('SELECT value FROM state WHERE key = ?')
  return {
    prepare: async () => undefined,
    write: async (keys, value) => {
      db.exec('BEGIN')
      for (const key of keys) put.run(key, value)
      db.exec('COMMIT')
    },
    read: async (keys) => {
      let found = 0
      for (const key of keys) if (get.get(key) !== undefined) found++
      return found
    },
    close: async () => db.close(),
  }
}
