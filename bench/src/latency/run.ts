import { TOPIC_IN, TOPIC_OUT } from '../app/names.ts'
import type { EngineProcess } from '../app/processes.ts'
import { openWriter, readTopic, type TopicWriter } from '../app/topics.ts'

const KEYS = 1_000

/** How fast and how long records are sent. */
export interface Pace {
  /** Records per second. */
  readonly rate: number
  /** From the first result until records are measured. */
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

/** Where a result holds its record's time of sending. */
const SENT_AT = 8

interface Schedule {
  /** Records sent so far. */
  sent: number
  /** To be sent: known from the first result on. */
  total: number
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
  const latencies: number[] = []
  const { promise: allBack, resolve, reject } = Promise.withResolvers<void>()
  const origin = performance.now()
  const schedule: Schedule = { sent: 0, total: Number.POSITIVE_INFINITY }
  let measureFrom = Number.POSITIVE_INFINITY
  let back = 0
  await using _reader = await readTopic(bootstrap, TOPIC_OUT, (partition) => {
    const now = performance.now() - origin
    const sentAt = Buffer.from(partition.value()).readDoubleLE(SENT_AT)
    if (back === 0) {
      measureFrom = now + warmUpSeconds * 1000
      schedule.total = Math.ceil((measureFrom / 1000 + seconds) * rate)
    }
    if (sentAt >= measureFrom) latencies.push(now - sentAt)
    if (++back === schedule.total) resolve()
  })
  const timer = setInterval(() => {
    try {
      engine.assertRunning()
      sendDue(writer, rate, schedule, performance.now() - origin)
    } catch (error) {
      reject(error)
    }
  }, 1)
  try {
    await allBack
  } finally {
    clearInterval(timer)
  }
  latencies.sort((a, b) => a - b)
  const at = (share: number) =>
    latencies[Math.min(Math.floor(latencies.length * share), latencies.length - 1)] ?? Number.NaN
  return { records: latencies.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}

/** Sends what should have gone by now, milliseconds from the origin; the n-th record is due at n / rate. */
function sendDue(writer: TopicWriter, rate: number, schedule: Schedule, now: number): void {
  const due = Math.min((now / 1000) * rate, schedule.total)
  for (; schedule.sent < due; schedule.sent++) {
    const value = Buffer.alloc(100)
    value.writeDoubleLE((schedule.sent / rate) * 1000)
    writer.write(TOPIC_IN, `key-${(schedule.sent * 7919) % KEYS}`, value)
  }
  writer.nudge()
}
