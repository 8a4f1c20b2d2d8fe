/** One store in a process of its own, so that its memory can be told; what it measured goes to the parent. */
import { contenders } from './contenders.ts'

/** What the parent asks for, as JSON in the first argument. */
export interface Task {
  readonly name: string
  readonly folder: string
  readonly keys: number
}

export interface Measured {
  /** Microseconds of the clock for each key. */
  readonly fill: number
  readonly write: number
  readonly read: number
  /** How long the event loop stood still at most for one batch of writes or of reads, milliseconds. */
  readonly writeMs: number
  readonly readMs: number
  readonly rssMb: number
  readonly heapMb: number
}

const WRITTEN = 10_000
const READ = 500
const ROUNDS = 10
const MB = 1024 * 1024
const VALUE = Buffer.alloc(16, 1)

const { name, folder, keys } = JSON.parse(process.argv[2]!) as Task
const store = await contenders.find((contender) => contender.name === name)!.open(folder)

let random = 0x2545f491
function draw(count: number): string[] {
  const drawn = new Set<string>()
  while (drawn.size < count) {
    random ^= random << 13
    random ^= random >>> 17
    random ^= random << 5
    drawn.add(`key-${(random >>> 0) % keys}`)
  }
  return [...drawn]
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

let fill = 0
for (let from = 0; from < keys; from += WRITTEN) {
  const batch = Array.from({ length: Math.min(WRITTEN, keys - from) }, (_, i) => `key-${from + i}`)
  fill += await timed(() => store.write(batch, VALUE))
}
let write = 0
for (let round = 0; round < ROUNDS; round++) {
  const batch = draw(WRITTEN)
  await store.prepare(batch)
  write += await timed(() => store.write(batch, VALUE))
}
let read = 0
// The first ones find what the writes left in no order; they are not counted.
for (let round = -10; round < ROUNDS * 10; round++) {
  const batch = draw(READ)
  const took = await timed(async () => {
    const found = await store.read(batch)
    if (found !== READ) throw new Error(`${name}: ${READ - found} of ${READ} keys are missing`)
  })
  if (round >= 0) read += took
}
const { rss, heapUsed } = process.memoryUsage()
await store.close()
const measured: Measured = {
  fill: (fill * 1000) / keys,
  write: (write * 1000) / ROUNDS / WRITTEN,
  read: (read * 1000) / (ROUNDS * 10) / READ,
  writeMs: write / ROUNDS,
  readMs: read / (ROUNDS * 10),
  rssMb: rss / MB,
  heapMb: heapUsed / MB,
}
process.send?.(measured)
