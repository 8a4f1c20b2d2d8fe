import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineBench } from '../bench.ts'
import type { Measured, Task } from './contender-process.ts'

const NAMES = ['spill store', 'classic-level', 'lmdb', 'node:sqlite']
const MB = 1024 * 1024

export const bench = defineBench({
  name: 'state-stores',
  summary: 'stores for state larger than memory: batch writes, prefetch reads, memory',
  options: {
    keys: { default: 1_000_000, describe: 'keys, with values of 16 bytes' },
    only: { default: '', describe: 'only this store' },
  },
  async run({ keys, only }, report) {
    const rows: Record<string, string | number>[] = []
    for (const name of NAMES) {
      if (only !== '' && only !== name) continue
      report.note(`${name}: ${keys} keys`)
      const folder = mkdtempSync(join(tmpdir(), 'statefun-stores-'))
      try {
        const store = join(folder, 'store')
        mkdirSync(store)
        const { measured, diskMb } = await measure({ name, folder: store, keys })
        rows.push({
          store: name,
          'fill µs/key': measured.fill,
          'write µs/key': measured.write,
          'read µs/key': measured.read,
          '10,000 writes ms': measured.writeMs,
          '500 reads ms': measured.readMs,
          'RSS MB': Math.round(measured.rssMb),
          'heap MB': Math.round(measured.heapMb),
          'disk MB': Math.round(diskMb),
        })
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
    report.table('state stores', rows)
    report.remark(
      'Fill: new keys in order, 10,000 at a time. Write: 10,000 random keys at a time. Read: 500 random keys at a time, files in the page cache. No fsync anywhere. The spill store takes what it reads off the disk, and writes only what was read before; its heap holds what was just read.',
    )
  },
})

async function measure(task: Task): Promise<{ readonly measured: Measured; readonly diskMb: number }> {
  const child = fork(join(import.meta.dirname, 'contender-process.ts'), [JSON.stringify(task)])
  const exited = once(child, 'exit')
  let bytes = 0
  const sampler = setInterval(() => {
    bytes = Math.max(bytes, sizeOf(task.folder))
  }, 500)
  try {
    const message = await Promise.race([once(child, 'message'), exited.then(() => undefined)])
    if (message === undefined) throw new Error(`${task.name} ended before it was measured`)
    await exited
    return { measured: message[0] as Measured, diskMb: bytes / MB }
  } finally {
    clearInterval(sampler)
  }
}

/** Files may go while they are counted. */
function sizeOf(folder: string): number {
  let bytes = 0
  for (const name of readdirSync(folder))
    bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0
  return bytes
}
