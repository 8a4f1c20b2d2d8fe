import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineBench } from '../bench.ts'
import type { Measured, Task } from './engine-process.ts'

const MB = 1024 * 1024

export const bench = defineBench({
  name: 'scale',
  summary: 'cost per message, pauses, recovery and memory against the number of keys',
  options: {
    keys: { default: '1000,100000,1000000,10000000', describe: 'numbers of keys' },
    records: {
      default: 2_000_000,
      describe: 'records with random keys after one for each key, and as many with keys in rounds',
    },
    pace: { default: 20_000, describe: 'messages per second, for ten seconds after that' },
    backend: { default: 'disk', describe: 'hashmap or disk' },
    'cache-mb': { default: 64, describe: 'MiB of memory for instances' },
  },
  async run({ keys, records, pace, backend, 'cache-mb': cacheMb }, report) {
    if (backend !== 'hashmap' && backend !== 'disk') throw new Error(`there is no backend ${backend}`)
    const rows: Record<string, string | number>[] = []
    const costs = new Map<number, Measured>()
    for (const count of keys.split(',').map(Number)) {
      const dir = mkdtempSync(join(tmpdir(), 'statefun-scale-'))
      try {
        const task: Task = { dir, keys: count, records, pace, backend, cacheMb }
        report.note(`${count} keys: running`)
        const ran = await measure(task)
        const checkpoint = checkpointBytes(dir)
        report.note(`${count} keys: restoring`)
        const restored = await measure({ ...task, records: 0 })
        costs.set(count, ran)
        rows.push({
          keys: count,
          'µs/msg': ran.microseconds,
          'CPU µs/msg': ran.cpuMicroseconds,
          'CPU µs/call': ran.roundsCpuMicroseconds,
          'paced CPU µs/msg': ran.pacedCpuMicroseconds,
          'stall p99 ms': ran.stallP99,
          'stall max ms': ran.stallMax,
          'turn p99 ms': ran.turnP99,
          'turn max ms': ran.turnMax,
          'cut max ms': ran.cutMax,
          'heap MB': Math.round(ran.heapMb),
          'peak heap MB': Math.round(ran.peakHeapMb),
          'peak RSS MB': Math.round(ran.peakRssMb),
          'checkpoint MB': Math.round(checkpoint / MB),
          'recovery s': restored.readySeconds,
          'recovery CPU s': restored.readyCpuSeconds,
        })
        if (count === 1_000_000) {
          const actual = restored.readySeconds
          report.goal({ name: 'recovery of 1 M keys', actual, limit: 5, want: 'below', unit: 's' })
        }
        report.goal({
          name: `longest turn, ${count} keys`,
          actual: ran.turnMax,
          limit: 20,
          want: 'below',
          unit: 'ms',
        })
      } finally {
        rmSync(dir, { recursive: true, force: true })
      }
    }
    const [few, many] = [costs.get(1_000), costs.get(10_000_000)]
    if (few !== undefined && many !== undefined) {
      const times = (name: string, of: (measured: Measured) => number) =>
        report.goal({
          name: `CPU per message ${name}, 10 M keys / 1 k keys`,
          actual: of(many) / of(few),
          limit: 2,
          want: 'below',
          unit: 'x',
        })
      times(`at ${pace} msg/s`, ({ pacedCpuMicroseconds }) => pacedCpuMicroseconds)
      times('at full speed, one a call', ({ roundsCpuMicroseconds }) => roundsCpuMicroseconds)
      times('at full speed, as they gather', ({ cpuMicroseconds }) => cpuMicroseconds)
    }
    report.table(`scale, ${backend} backend`, rows)
    report.remark(
      'The function runs in the engine process and counts the records of its key; records are made up in that process, so there is no share of a broker in the cost. Epochs of 100 ms, made durable with fsync. CPU µs/msg is at full speed with keys at random, where the messages of a thousand keys gather into batches of many for each call and those of a million do not: with few keys that is mostly the cost of a message that makes no call. CPU µs/call is at full speed with keys in rounds, each key once in each of them in a scattered order: every message is a call of its own with any number of keys, and no key comes again while it is in the cache unless all are. At the pace messages come one at a time as well, with what a turn of the event loop and an epoch cost spread over few of them; a base snapshot that the full speed has called for is over before, because ten seconds of few messages would have to pay for it. Recovery is from the start of the engine until it is ready, from whatever base snapshot and log the run left behind. Wall times, stalls and cuts suffer from whatever else the machine does; CPU is that of all threads, and a turn is the CPU time of the main thread between two looks of the event loop, or the time between them where a kernel that counts in ticks gives more than that.',
    )
  },
})

async function measure(task: Task): Promise<Measured> {
  const child = fork(join(import.meta.dirname, 'engine-process.ts'), [JSON.stringify(task)], {
    // As the statefun command starts an engine.
    execArgv: ['--expose-gc', '--max-semi-space-size=8', '--heap-growing-percent=50'],
    env: { ...process.env, MALLOC_ARENA_MAX: '1' },
  })
  const exited = once(child, 'exit')
  const message = await Promise.race([once(child, 'message'), exited.then(() => undefined)])
  if (message === undefined) throw new Error('the engine ended before it was measured')
  await exited
  return message[0] as Measured
}

function checkpointBytes(dir: string): number {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { name }) => sum + statSync(join(dir, name)).size, 0)
}
