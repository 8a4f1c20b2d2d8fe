/** One engine in a process of its own; what it measured goes to the parent, see {@link Measured}. */
import { readdirSync } from 'node:fs'
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEngine } from '@statefun/engine'
import { counter } from '../app/counter.ts'
import { driverModule } from '../app/driver-module.ts'
import { GeneratedInput } from './generated-input.ts'

/** What the parent asks for, as JSON in the first argument. */
export interface Task {
  readonly dir: string
  readonly keys: number
  /** Records with random keys; 0: only restore what is there. */
  readonly records: number
  /** Messages per second, for some seconds, after those at full speed. */
  readonly pace: number
  readonly backend: 'hashmap' | 'disk'
  readonly cacheMb: number
}

export interface Measured {
  readonly readySeconds: number
  readonly readyCpuSeconds: number
  readonly fillPerSecond: number
  /** Per message with a random key: of the clock, and of all threads of the process. */
  readonly microseconds: number
  readonly cpuMicroseconds: number
  /** The same with each key once a round, so that each message is a call of its own whatever the number of keys. */
  readonly roundsCpuMicroseconds: number
  /** At the pace: of all threads of the process. */
  readonly pacedCpuMicroseconds: number
  /** How long the event loop did not turn, milliseconds, during the random keys. */
  readonly stallP99: number
  readonly stallMax: number
  /** What its thread worked meanwhile, and no longer than the turn took: the same without what other processes took. */
  readonly turnP99: number
  readonly turnMax: number
  readonly cutMax: number
  /** MiB: the largest seen, and what was left of the heap after a collection at the end. */
  readonly peakHeapMb: number
  readonly heapMb: number
  readonly peakRssMb: number
}

const MB = 1024 * 1024
const PACED_SECONDS = 10
const task = JSON.parse(process.argv[2]!) as Task
const input = new GeneratedInput(task.keys)
const cpuAtStart = process.cpuUsage()
const began = performance.now()
const engine = await startEngine({
  app: 'bench',
  module: driverModule('nowhere:9092', 'in'),
  functions: [counter],
  connectors: [input.connector()],
  checkpoint: { dir: task.dir, intervalMs: 100 },
  state: { backend: task.backend, cacheBytes: task.cacheMb * MB },
})
const readySeconds = (performance.now() - began) / 1000
const readyCpu = process.cpuUsage(cpuAtStart)

/** One of many keys that began at full speed would take all the time at the pace, and be divided among few messages. */
async function snapshotsAreDone(): Promise<void> {
  await engine.checkpoint()
  while (readdirSync(task.dir).some((name) => name.startsWith('base-') && name.endsWith('.tmp')))
    await sleep(20)
}

let peakHeap = 0
let peakRss = 0
let cutMax = 0
const sampler = setInterval(() => {
  const { heapUsed, rss } = process.memoryUsage()
  peakHeap = Math.max(peakHeap, heapUsed)
  peakRss = Math.max(peakRss, rss)
}, 100)

let fillPerSecond = 0
let microseconds = 0
let cpuMicroseconds = 0
let roundsCpuMicroseconds = 0
let pacedCpuMicroseconds = 0
const turns = createHistogram()
let watching = false
let threadBefore = 0
let watchedAt = 0

/** Runs once in each turn of the event loop. */
function watch(): void {
  const { user, system } = process.threadCpuUsage()
  const thread = user + system
  const now = performance.now() * 1000
  // Kernels that count CPU time by ticks add up to 4 ms to a turn.
  const turn = Math.min(thread - threadBefore, now - watchedAt)
  if (threadBefore > 0) turns.record(Math.max(1, Math.round(turn)))
  threadBefore = thread
  watchedAt = now
  if (watching) setImmediate(watch)
}

const delays = monitorEventLoopDelay({ resolution: 1 })
if (task.records > 0) {
  const fillBegan = performance.now()
  await input.run(task.keys)
  fillPerSecond = (task.keys / (performance.now() - fillBegan)) * 1000
  // Once around at full speed, so that the code is compiled and the cache is what it stays.
  await input.run(Math.min(task.records, 200_000))
  const cuts = setInterval(async () => {
    const cut = /lastCut\S* ([\d.e-]+)/i.exec(await engine.metrics.render())
    cutMax = Math.max(cutMax, Number(cut?.[1] ?? 0))
  }, 100)
  delays.enable()
  watching = true
  setImmediate(watch)
  const cpu = process.cpuUsage()
  const runBegan = performance.now()
  await input.run(task.records)
  microseconds = ((performance.now() - runBegan) * 1000) / task.records
  const used = process.cpuUsage(cpu)
  cpuMicroseconds = (used.user + used.system) / task.records
  delays.disable()
  watching = false
  clearInterval(cuts)
  const roundsCpu = process.cpuUsage()
  await input.runRounds(task.records)
  const roundsUsed = process.cpuUsage(roundsCpu)
  roundsCpuMicroseconds = (roundsUsed.user + roundsUsed.system) / task.records
  await snapshotsAreDone()
  const paced = task.pace * PACED_SECONDS
  const pacedCpu = process.cpuUsage()
  await input.runPaced(paced, task.pace)
  const pacedUsed = process.cpuUsage(pacedCpu)
  pacedCpuMicroseconds = (pacedUsed.user + pacedUsed.system) / paced
}
await engine.checkpoint()
await engine.kill()
clearInterval(sampler)
globalThis.gc?.()
const { heapUsed, rss } = process.memoryUsage()
const measured: Measured = {
  readySeconds,
  readyCpuSeconds: (readyCpu.user + readyCpu.system) / 1e6,
  fillPerSecond,
  microseconds,
  cpuMicroseconds,
  roundsCpuMicroseconds,
  pacedCpuMicroseconds,
  stallP99: delays.percentile(99) / 1e6,
  stallMax: delays.max / 1e6,
  turnP99: turns.count === 0 ? 0 : turns.percentile(99) / 1000,
  turnMax: turns.count === 0 ? 0 : turns.max / 1000,
  cutMax,
  peakHeapMb: Math.max(peakHeap, heapUsed) / MB,
  heapMb: heapUsed / MB,
  peakRssMb: Math.max(peakRss, rss) / MB,
}
process.send?.(measured)
