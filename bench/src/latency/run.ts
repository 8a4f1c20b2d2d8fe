import { TOPIC_IN, TOPIC_OUT } from '../app/driver-module.ts'
import type { EngineProcess } from '../app/processes.ts'
import { openWriter, readTopic, type TopicWriter } from '../app/topics.ts'

const KEYS = 1_000

/** How fast and how long records are sent. */
export interface Pace {
  /** Records per second. */
  readonly rate: number
  /** Before the measured ones. */
  readonly warmUpSeconds: number
  readonly seconds: number
}

/** Times from record in to record out, in milliseconds. */
export interface Latencies {
  readonly records: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/**
 * Sends records at a steady pace through an engine that runs (or starts meanwhile), and measures from handing each to the
 * producer until a reader of committed records has its result. A record that is late because the timer was counts from
 * when it should have gone.
 *
 * @throws Error when the engine ends
 */
export async function measureLatency(
  bootstrap: string,
  engine: EngineProcess,
  { rate, warmUpSeconds, seconds }: Pace,
): Promise<Latencies> {
  await using writer = await openWriter(bootstrap)
  const total = rate * (warmUpSeconds + seconds)
  const latencies: number[] = []
  const { promise: allBack, resolve, reject } = Promise.withResolvers<void>()
  let back = 0
  const origin = performance.now()
  await using _reader = await readTopic(bootstrap, TOPIC_OUT, (partition) => {
    const sentAt = Buffer.from(partition.value()).readDoubleLE(8)
    if (sentAt >= warmUpSeconds * 1000) latencies.push(performance.now() - origin - sentAt)
    if (++back === total) resolve()
  })
  const watch = setInterval(() => {
    try {
      engine.assertRunning()
    } catch (error) {
      reject(error)
    }
  }, 500)
  try {
    await Promise.race([send(writer, rate, total, origin), allBack])
    await allBack
  } finally {
    clearInterval(watch)
  }
  latencies.sort((a, b) => a - b)
  const at = (share: number) =>
    latencies[Math.min(Math.floor(latencies.length * share), latencies.length - 1)] ?? Number.NaN
  return { records: latencies.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}

async function send(writer: TopicWriter, rate: number, total: number, origin: number): Promise<void> {
  const begin = performance.now() - origin
  const { promise, resolve } = Promise.withResolvers<void>()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.min(((performance.now() - origin - begin) / 1000) * rate, total)
    for (; sent < due; sent++) {
      const value = Buffer.alloc(100)
      value.writeDoubleLE(begin + (sent / rate) * 1000)
      writer.write(TOPIC_IN, `key-${(sent * 7919) % KEYS}`, value)
    }
    writer.nudge()
    if (sent < total) return
    clearInterval(timer)
    resolve()
  }, 1)
  await promise
}
