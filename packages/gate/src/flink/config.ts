import { StatefunError } from '@statefun/protocol'
import { bucketSettings, type FlinkBucket } from './bucket.ts'

/** Flink's own option names, as in `flink-conf.yaml`. */
export type FlinkSettings = Readonly<Record<string, string | number | boolean>>

/** Memory of the two processes, MiB. */
export interface FlinkMemory {
  /** Heap of the JobManager; default 384. */
  readonly jobManagerHeap?: number
  /** Heap of the TaskManager for the job; default 512. */
  readonly taskHeap?: number
  /** RocksDB's caches and buffers; default 256. */
  readonly managed?: number
  /** Network buffers; default 64. */
  readonly network?: number
}

/** What {@link flinkSettings} builds from. */
export interface FlinkSettingsInput {
  /** Holds everything that the processes write. */
  readonly folder: string
  /** Path of the module.yaml. */
  readonly module: string
  readonly ports: {
    readonly rpc: number
    readonly rest: number
    readonly blob: number
    readonly taskRpc: number
  }
  readonly parallelism: number
  readonly checkpointIntervalMs: number
  readonly memory: Required<FlinkMemory>
  /** For checkpoints; without it they lie in the folder. */
  readonly bucket?: FlinkBucket | undefined
  /** Wins over everything else. */
  readonly overrides?: FlinkSettings | undefined
}

/** Parts of a TaskManager's memory that are the same for every job here, MiB. */
const FRAMEWORK_HEAP = 128
const FRAMEWORK_OFF_HEAP = 128
const TASK_OFF_HEAP = 128

/** Memory when nothing is asked for: a small job. */
export const DEFAULT_MEMORY: Required<FlinkMemory> = {
  jobManagerHeap: 384,
  taskHeap: 512,
  managed: 256,
  network: 64,
}

/** JVM flags of the JobManager. */
export function jobManagerFlags(memory: Required<FlinkMemory>): readonly string[] {
  return jvmFlags(memory.jobManagerHeap, 256)
}

/** JVM flags of the TaskManager: Flink's shell scripts, which compute them from the settings, are not used here. */
export function taskManagerFlags(memory: Required<FlinkMemory>): readonly string[] {
  return jvmFlags(memory.taskHeap + FRAMEWORK_HEAP, memory.network + FRAMEWORK_OFF_HEAP + TASK_OFF_HEAP)
}

function jvmFlags(heapMb: number, directMb: number): readonly string[] {
  return [
    `-Xms${heapMb}m`,
    `-Xmx${heapMb}m`,
    '-XX:+UseG1GC',
    '-XX:-UsePerfData',
    `-XX:MaxDirectMemorySize=${directMb}m`,
    '-XX:MaxMetaspaceSize=256m',
  ]
}

/**
 * Settings of one JobManager and one TaskManager on 127.0.0.1: exactly-once checkpoints, RocksDB, restarts without limit.
 * Every part of the TaskManager's memory is named, since a process without Flink's shell scripts demands it.
 */
export function flinkSettings(input: FlinkSettingsInput): FlinkSettings {
  const { folder, ports, memory } = input
  return {
    'jobmanager.rpc.address': '127.0.0.1',
    'jobmanager.rpc.port': ports.rpc,
    'jobmanager.bind-host': '127.0.0.1',
    'taskmanager.host': '127.0.0.1',
    'taskmanager.bind-host': '127.0.0.1',
    'taskmanager.rpc.port': ports.taskRpc,
    'rest.address': '127.0.0.1',
    'rest.bind-address': '127.0.0.1',
    'rest.port': ports.rest,
    'blob.server.port': ports.blob,
    // The TaskManager asks for its JobManager again after this pause, 10 s by default.
    'cluster.registration.error-delay': 500,
    // A TaskManager that was killed is missed after two of these, 10 s each by default.
    'heartbeat.interval': 2_000,
    'io.tmp.dirs': `${folder}/tmp`,
    'parallelism.default': input.parallelism,
    'taskmanager.numberOfTaskSlots': input.parallelism,
    'taskmanager.cpu.cores': input.parallelism,
    'taskmanager.memory.task.heap.size': `${memory.taskHeap}m`,
    'taskmanager.memory.task.off-heap.size': `${TASK_OFF_HEAP}m`,
    'taskmanager.memory.framework.heap.size': `${FRAMEWORK_HEAP}m`,
    'taskmanager.memory.framework.off-heap.size': `${FRAMEWORK_OFF_HEAP}m`,
    'taskmanager.memory.managed.size': `${memory.managed}m`,
    'taskmanager.memory.network.min': `${memory.network}m`,
    'taskmanager.memory.network.max': `${memory.network}m`,
    'taskmanager.memory.jvm-metaspace.size': '256m',
    'taskmanager.memory.jvm-overhead.min': '192m',
    'taskmanager.memory.jvm-overhead.max': '192m',
    'classloader.parent-first-patterns.additional':
      'org.apache.flink.statefun;org.apache.kafka;com.google.protobuf',
    'statefun.flink-job-name': 'statefun-gate',
    'statefun.remote.module-name': `file://${input.module}`,
    'execution.checkpointing.mode': 'EXACTLY_ONCE',
    'execution.checkpointing.interval': `${input.checkpointIntervalMs}ms`,
    'execution.checkpointing.externalized-checkpoint-retention': 'RETAIN_ON_CANCELLATION',
    'restart-strategy': 'fixed-delay',
    'restart-strategy.fixed-delay.attempts': 2_147_483_647,
    'restart-strategy.fixed-delay.delay': '1s',
    'state.backend': 'rocksdb',
    'state.backend.incremental': true,
    'state.backend.rocksdb.localdir': `${folder}/rocksdb`,
    'state.backend.rocksdb.timer-service.factory': 'ROCKSDB',
    'state.checkpoints.dir': `file://${folder}/checkpoints`,
    'state.savepoints.dir': `file://${folder}/savepoints`,
    ...(input.bucket === undefined ? {} : bucketSettings(input.bucket)),
    ...input.overrides,
  }
}

/**
 * The text of a `flink-conf.yaml`. Flink 1.16 reads it line by line: a value cannot hold a line break or a `#`.
 *
 * @throws StatefunError `SF_GATE_FLINK_SETTING`
 */
export function toFlinkConf(settings: FlinkSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => {
      if (/[\r\n#]/.test(String(value))) {
        throw new StatefunError('SF_GATE_FLINK_SETTING', `Flink cannot read the value of ${name}`, {
          excerpt: String(value),
          hint: 'a value of flink-conf.yaml is one line without "#"',
        })
      }
      return `${name}: ${value}\n`
    })
    .join('')
}
