import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** Bytes of a `ToFunction` to bytes of a `FromFunction`. */
export type BytesHandler = (request: Uint8Array) => Uint8Array | Promise<Uint8Array>

/** One measured stretch, in nanoseconds: wall clock and CPU time of the whole process, with its compiler and collector. */
export interface Measurement {
  readonly batches: number
  readonly nanos: number
  readonly cpuNanos: number
}

/** How many requests are answered between two looks at the clock. */
const STRIDE = 64

/**
 * The process of one SDK. It waits for lines `<requests file> <answers file> <milliseconds>`; for each it answers the
 * requests of the file (each a length in 4 bytes, big endian, and the bytes) over and over for that time, then writes the
 * last round's answers to the answers file and prints a {@link Measurement} as a line of JSON. `SdkHarness.java` does
 * the same.
 *
 * Every answer's length is compared with that of the first round, which the other side checks in full, as it does the last.
 */
export async function serveHarness(handle: BytesHandler): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [requestsFile = '', answersFile = '', millis = ''] = line.split('\t')
    const requests = readFrames(readFileSync(requestsFile))
    process.stdout.write(`${JSON.stringify(await measure(handle, requests, Number(millis), answersFile))}\n`)
  }
}

async function measure(
  handle: BytesHandler,
  requests: readonly Uint8Array[],
  millis: number,
  answersFile: string,
): Promise<Measurement> {
  const answers: Uint8Array[] = []
  for (const request of requests) answers.push(await handle(request))
  const lengths = answers.map(({ length }) => length)
  const budget = millis * 1e6
  const cpu = process.cpuUsage()
  const start = process.hrtime.bigint()
  let batches = 0
  let nanos = 0
  let next = 0
  while (nanos < budget) {
    for (let i = 0; i < STRIDE; i++) {
      const outcome = handle(requests[next]!)
      const answer = outcome instanceof Promise ? await outcome : outcome
      if (answer.length !== lengths[next]) throw new Error(`answer ${next} has changed`)
      answers[next] = answer
      next = next + 1 === requests.length ? 0 : next + 1
    }
    batches += STRIDE
    nanos = Number(process.hrtime.bigint() - start)
  }
  const used = process.cpuUsage(cpu)
  writeFileSync(answersFile, writeFrames(answers))
  return { batches, nanos, cpuNanos: (used.user + used.system) * 1000 }
}

/** Byte strings, each behind its length in 4 bytes, big endian. */
export function writeFrames(frames: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    frames.flatMap((frame) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(frame.length)
      return [length, frame]
    }),
  )
}

/** What {@link writeFrames} wrote. */
export function readFrames(bytes: Buffer): readonly Uint8Array[] {
  const frames: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    // Each request a Buffer in memory of its own, as a request body is.
    frames.push(Buffer.from(new Uint8Array(bytes.subarray(at + 4, at + 4 + length)).buffer))
    at += 4 + length
  }
  return frames
}
