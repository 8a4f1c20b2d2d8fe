import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts, type LocalStack } from '@statefun/gate'
import { startEngineProcess } from '../app/processes.ts'

const ASK_EVERY_MS = 50
const MOST_SECONDS = 300

/**
 * Records per second, from the first request that writes to the last answer. Counting from the first answer would favour who
 * has more requests under way: a service that works on all of them at once answers them together.
 */
class Rate {
  readonly #records: number
  #began: number | undefined
  #last = { at: 0, count: 0 }

  constructor(records: number) {
    this.#records = records
  }

  /** The first request is under way. */
  began(): void {
    this.#began ??= performance.now()
  }

  /** @param count how many are acknowledged by now */
  saw(count: number): void {
    if (count > this.#last.count) this.#last = { at: performance.now(), count }
  }

  get complete(): boolean {
    return this.#last.count >= this.#records
  }

  /** @throws Error when not all are there, or too many */
  get perSecond(): number {
    const { at, count } = this.#last
    if (this.#began === undefined || count !== this.#records) {
      throw new Error(`${count} of ${this.#records} records were written`)
    }
    return (count / (at - this.#began)) * 1000
  }
}

/** Records per second of the bare loop. */
export async function runLoop(aws: LocalStack, records: number): Promise<number> {
  const rate = new Rate(records)
  const child = fork(join(import.meta.dirname, 'loop-process.ts'), [], {
    env: { ...process.env, BENCH_KINESIS: aws.endpoint, BENCH_RECORDS: String(records) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.on('message', (written: number) => {
    rate.began()
    rate.saw(written)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), MOST_SECONDS * 1000)
  const [code] = (await once(child, 'exit')) as [number | null]
  clearTimeout(timer)
  if (code !== 0) throw new Error(`the bare loop ended with ${code}`)
  return rate.perSecond
}

/** Records per second of `statefun run`, by the counters of its egress. */
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
    const { requests, records: written } = await sent(adminPort)
    if (requests > 0) rate.began()
    rate.saw(written)
  }
  return rate.perSecond
}

/** What the egress has sent and what was taken; 0 until the engine answers. */
async function sent(adminPort: number): Promise<{ readonly requests: number; readonly records: number }> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/metrics`).catch(() => undefined)
  const text = (await answer?.text()) ?? ''
  return {
    requests: Number(/KinesisSink_numRequests\{[^}]*\} (\d+)/.exec(text)?.[1] ?? 0),
    records: Number(/KinesisSink_numRecordsOut\{[^}]*\} (\d+)/.exec(text)?.[1] ?? 0),
  }
}
