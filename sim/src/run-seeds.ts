import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { FaultName } from './faults/faults.ts'

/** A range of seeds and what to plant. */
export interface SeedRange {
  readonly from: number
  readonly count: number
  readonly fault: FaultName | undefined
  /** Threads; one for each core when undefined. */
  readonly workers?: number | undefined
}

/** One seed's outcome as it comes from another thread. */
export interface SeedOutcome {
  readonly seed: number
  readonly violation: string | undefined
  /** The end of the trace of a seed with a violation. */
  readonly lines: readonly string[]
  readonly steps: number
  readonly virtualMs: number
  readonly incarnations: number
  readonly epochs: number
}

/** Seeds that a thread is given at once. */
const CHUNK = 10

/** Runs seeds on several threads; `done` is called for each, in no order. Rejects when a thread breaks. */
export async function runSeeds(range: SeedRange, done: (outcome: SeedOutcome) => void): Promise<void> {
  const end = range.from + range.count
  let next = range.from
  const threads = Math.min(range.workers ?? availableParallelism(), Math.ceil(range.count / CHUNK))
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(new URL('./seed-worker.ts', import.meta.url))
      try {
        while (next < end) {
          const from = next
          next = Math.min(next + CHUNK, end)
          for (const outcome of await ask(worker, { from, count: next - from, fault: range.fault }))
            done(outcome)
        }
      } finally {
        await worker.terminate()
      }
    }),
  )
}

function ask(worker: Worker, range: SeedRange): Promise<readonly SeedOutcome[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly SeedOutcome[]>()
  worker.once('error', reject)
  worker.once('message', resolve)
  worker.postMessage(range)
  return promise.finally(() => {
    worker.off('error', reject)
    worker.off('message', resolve)
  })
}
