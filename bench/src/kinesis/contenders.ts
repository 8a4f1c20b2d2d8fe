import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts, type LocalStack } from '@statefun/gate'
import { startEngineProcess } from '../app/processes.ts'

const ASK_EVERY_MS = 50
const MOST_SECONDS = 300

/** Records per second, from the first acknowledged ones to the last. */
class Rate {
  readonly #records: number
  #first: { readonly at: number; readonly count: number } | undefined
  #last = { at: 0, count: 0 }

  constructor(records: number) {
    this.#records = records
  }

  /** @param count how many are acknowledged by now */
  saw(count: number): void {
    if (count === this.#last.count) return
    this.#last = { at: performance.now(), count }
    this.#first ??= this.#last
  }

  get complete(): boolean {
    return this.#last.count >= this.#records
  }

  /** @throws Error when not all are there, or too many */
  get perSecond(): number {
    const [first, last] = [this.#first, this.#last]
    if (first === undefined || last.count !== this.#records || first === last) {
      throw new Error(`${last.count} of ${this.#records} records were written`)
    }
    return ((last.count - first.count) / (last.at - first.at)) * 1000
  }
}

/** Records per second of the bare loop. */
export async function runLoop(aws: LocalStack, records: number): Promise<number> {
  const rate = new Rate(records)
  const child = fork(join(import.meta.dirname, 'loop-process.ts'), [], {
    env: { ...process.env, BENCH_KINESIS: aws.endpoint, BENCH_RECORDS: String(records) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.on('message', (written: number) => rate.saw(written))
  const timer = setTimeout(() => child.kill('SIGKILL'), MOST_SECONDS * 1000)
  const [code] = (await once(child, 'exit')) as [number | null]
  clearTimeout(timer)
  if (code !== 0) throw new Error(`the bare loop ended with ${code}`)
  return rate.perSecond
}

/** Records per second of `statefun run`, by the counter of its egress. */
export async function runEngine(aws: LocalStack, records: number): Promise<number> {
  const rate = new Rate(records)
  const [adminPort = 0] = await freePorts(1)
  await using engine = await startEngineProcess('', {
    config: join(import.meta.dirname, 'app', 'statefun.config.ts'),
    adminPort,
    env: { BENCH_KINESIS: aws.endpoint },
  })
  while (!rate.complete) {
    await sleep(ASK_EVERY_MS)
    engine.assertRunning()
    if (performance.now() - engine.spawnedAt > MOST_SECONDS * 1000) break
    rate.saw(await recordsOut(adminPort))
  }
  return rate.perSecond
}

/** 0 until the engine answers. */
async function recordsOut(adminPort: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/metrics`).catch(() => undefined)
  return Number(/KinesisSink_numRecordsOut\{[^}]*\} (\d+)/.exec((await answer?.text()) ?? '')?.[1] ?? 0)
}
