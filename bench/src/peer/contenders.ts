import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KafkaBroker, startFlink } from '@statefun/gate'
import { processUsage, sumUsage } from '../app/process-usage.ts'
import { type EngineProcess, startEngineProcess, startFunctionProcess } from '../app/processes.ts'
import { fillIn } from './fill-in.ts'

/** An engine with all that belongs to its side. */
export interface Contender {
  readonly name: ContenderName
  /** What sets it apart from others of its name: `parallelism 2`. */
  readonly setup: string
  /** Milliseconds between its checkpoints. */
  readonly checkpointIntervalMs: number
  /** Starts it on the topics as they are. */
  start(kafka: KafkaBroker): Promise<EngineProcess>
}

/** As in the tables of the results. */
export type ContenderName = 'Flink' | 'ours, HTTP' | 'ours, in-process'

const MODULE = join(import.meta.dirname, 'module.yaml')

/** What differs from the gate's settings of a Flink on one machine. */
export interface FlinkTuning {
  readonly parallelism: number
  readonly checkpointIntervalMs: number
}

/**
 * Flink as one would set it up for this job on this machine: a heap that never fills, RocksDB with memory for all of the
 * state, and records that leave a task at once instead of after up to 100 ms.
 */
export function flink({ parallelism, checkpointIntervalMs }: FlinkTuning): Contender {
  return {
    name: 'Flink',
    setup: `parallelism ${parallelism}`,
    checkpointIntervalMs,
    async start(kafka) {
      await using started = new AsyncDisposableStack()
      const functions = started.use(await startFunctionProcess())
      const folder = mkdtempSync(join(tmpdir(), 'statefun-bench-peer-'))
      started.defer(() => rmSync(folder, { recursive: true, force: true }))
      const module = join(folder, 'module.yaml')
      const values = { BENCH_KAFKA: kafka.bootstrap, BENCH_FUNCTION_URL: functions.url }
      writeFileSync(module, fillIn(readFileSync(MODULE, 'utf8'), values))
      const cluster = started.use(
        await startFlink({
          module,
          parallelism,
          checkpointIntervalMs,
          memory: { jobManagerHeap: 512, taskHeap: 1024, managed: 512, network: 128 },
          config: { 'execution.buffer-timeout': '1 ms' },
        }),
      )
      const { jobManager, taskManager } = cluster.pids
      const owned = started.move()
      return {
        spawnedAt: cluster.spawnedAt,
        usage: () =>
          sumUsage([processUsage(jobManager ?? 0), processUsage(taskManager ?? 0), functions.usage()]),
        assertRunning() {
          const { pids } = cluster
          if (pids.jobManager === undefined || pids.taskManager === undefined) throw new Error('Flink ended')
        },
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      }
    },
  }
}

/** Our engine as a user starts it, the function in its process or in one of its own. */
export function ours(transport: 'HTTP' | 'in-process', checkpointIntervalMs: number): Contender {
  const settings = { module: MODULE, checkpointIntervalMs }
  return {
    name: `ours, ${transport}`,
    setup: `epochs of ${checkpointIntervalMs} ms`,
    checkpointIntervalMs,
    async start(kafka) {
      if (transport === 'in-process') return await startEngineProcess(kafka.bootstrap, settings)
      await using started = new AsyncDisposableStack()
      const functions = started.use(await startFunctionProcess())
      const engine = started.use(
        await startEngineProcess(kafka.bootstrap, { ...settings, functionUrl: functions.url }),
      )
      const owned = started.move()
      return {
        spawnedAt: engine.spawnedAt,
        usage: () => sumUsage([engine.usage(), functions.usage()]),
        assertRunning: () => engine.assertRunning(),
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      }
    },
  }
}
