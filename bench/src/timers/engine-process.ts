import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { type Clock, type Engine, startEngine, systemClock } from '@statefun/engine'
import { Ask, calls, module, NEAR_MS, plain, reminder } from './app.ts'
import { MadePartition, MadeSource } from './made-source.ts'
import { type Cost, probe, threadMs } from './probe.ts'

/** What this process can be asked to do. `from` is the number of the first id. */
export type Request =
  | { readonly do: 'start'; readonly dir: string }
  | { readonly do: 'set' | 'set-near' | 'cancel'; readonly from: number; readonly count: number }
  | { readonly do: 'fire'; readonly count: number }
  | { readonly do: 'plain'; readonly ms: number }
  | { readonly do: 'memory' }
  | { readonly do: 'stop' }

/** The answer; `messages` were handled at that cost, of memory there is only the last two. */
export interface Answer extends Cost {
  readonly messages: number
  readonly rssMb: number
  readonly heapMb: number
}

const KEYS = 1000
const numbers = new MadePartition('plain/0', 'bench/plain', (record) => `key-${(record * 7919) % KEYS}`)
const reminders = new MadePartition('reminders/0', 'bench/reminder', (record) => `customer-${record}`)
const source = new MadeSource([numbers, reminders])

/** Time passes when the bench says so. */
let ahead = 0
const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead }
let engine: Engine | undefined

async function handle(request: Request): Promise<number> {
  switch (request.do) {
    case 'start':
      engine = await startEngine({
        app: 'bench',
        module,
        functions: [plain, reminder],
        connectors: [{ createSource: () => source, createSink: () => undefined }],
        checkpoint: { dir: request.dir, intervalMs: 100 },
        restart: { attempts: 0 },
        clock,
      })
      return 0
    case 'set':
      return await ask(reminders, Ask.setFar, request.from, request.count)
    case 'set-near':
      return await ask(reminders, Ask.setNear, request.from, request.count)
    case 'cancel':
      return await ask(reminders, Ask.cancel, request.from, request.count)
    case 'fire':
      ahead += NEAR_MS
      await ask(numbers, Ask.plain, 0, 1)
      await until(() => calls[Ask.fired]! >= request.count)
      if (calls[Ask.fired] !== request.count) throw new Error(`${calls[Ask.fired]} delivered`)
      return request.count
    case 'plain': {
      const before = calls[Ask.plain]!
      numbers.begin(0, Ask.plain)
      numbers.left = Number.POSITIVE_INFINITY
      source.ready(numbers)
      await sleep(request.ms)
      numbers.left = 0
      return calls[Ask.plain]! - before
    }
    case 'memory':
      return 0
    case 'stop':
      await engine?.stop()
      return 0
  }
}

async function ask(partition: MadePartition, what: number, from: number, count: number): Promise<number> {
  const before = calls[what]!
  partition.begin(from, what)
  partition.left = count
  source.ready(partition)
  await until(() => calls[what]! === before + count)
  return count
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await turn()
}

process.on('message', async (request: Request) => {
  if (request.do === 'memory') {
    await sleep(500)
    gc?.()
  }
  const measured = probe()
  const began = threadMs()
  const messages = await handle(request)
  const cost = measured()
  const { rss, heapUsed } = process.memoryUsage()
  const answer: Answer = {
    ...cost,
    cpuMs: threadMs() - began,
    messages,
    rssMb: rss / 2 ** 20,
    heapMb: heapUsed / 2 ** 20,
  }
  process.send?.(answer)
})
