import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, IncomingRecord, OutgoingRecord } from '../channel/channel.ts'

/** A stream with a known outcome by number. */
export interface ParityStream {
  /** What is sent, in order. */
  readonly records: readonly OutgoingRecord[]
  /** Sent once everything before has come out: asks for what is remembered. */
  readonly closing: readonly OutgoingRecord[]
  /** Keys of what comes out: records of others are passed over. */
  readonly keys: ReadonlySet<string>
  /** Records that come out of each topic: of `records`, and of `closing`. */
  readonly expected: ReadonlyMap<string, { readonly records: number; readonly closing: number }>
}

/** Options of {@link recordOutput}. */
export interface RecordOutputOptions {
  readonly channel: Channel
  readonly stream: ParityStream
  /** Milliseconds to wait for all that is expected; default 60000. */
  readonly timeoutMs?: number
}

const POLL_MS = 10

/**
 * Sends a stream to an engine and collects what comes out. When the time is up it returns what there is: the comparison
 * then names what is missing.
 *
 * @returns records in the order they were read: those of one topic and partition in order
 */
export async function recordOutput(options: RecordOutputOptions): Promise<readonly IncomingRecord[]> {
  const { channel, stream, timeoutMs = 60_000 } = options
  const deadline = performance.now() + timeoutMs
  const egress: IncomingRecord[] = []
  const counts = new Map<string, number>()
  const ends: (() => Promise<void>)[] = []
  const take = (record: IncomingRecord) => {
    if (!stream.keys.has(record.key)) return
    egress.push(record)
    counts.set(record.topic, (counts.get(record.topic) ?? 0) + 1)
  }
  const until = async (wanted: (each: { records: number; closing: number }) => number) => {
    const missing = () =>
      [...stream.expected].some(([topic, each]) => (counts.get(topic) ?? 0) < wanted(each))
    while (missing() && performance.now() < deadline) await sleep(POLL_MS)
  }
  try {
    for (const topic of stream.expected.keys()) ends.push(await channel.receive(topic, take))
    await channel.send(stream.records)
    await until(({ records }) => records)
    await channel.send(stream.closing)
    await until(({ records, closing }) => records + closing)
    return egress
  } finally {
    await Promise.all(ends.map((end) => end()))
  }
}
