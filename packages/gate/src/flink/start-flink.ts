import { copyFileSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Logger } from '@statefun/engine'
import { freePorts } from '../process/free-ports.ts'
import type { FlinkBucket } from './bucket.ts'
import { DEFAULT_MEMORY, type FlinkMemory, type FlinkSettings, flinkSettings, toFlinkConf } from './config.ts'
import type { FlinkCluster } from './flink-cluster.ts'
import { FlinkProcesses } from './flink-processes.ts'
import { type InstallFlinkOptions, installFlink } from './install-flink.ts'

/** Options of {@link startFlink}. */
export interface StartFlinkOptions extends Omit<InstallFlinkOptions, 's3'> {
  /** Path of the module.yaml, without placeholders (Flink knows none). It is copied. */
  readonly module: string
  /** Subtasks of every operator, and slots of the TaskManager; default 1. */
  readonly parallelism?: number
  /** Milliseconds; default 1000. */
  readonly checkpointIntervalMs?: number
  readonly memory?: FlinkMemory
  /** For checkpoints and savepoints; default: a folder that {@link FlinkCluster.stop} deletes. */
  readonly bucket?: FlinkBucket
  /** JVM flags of both processes, after those that follow from the memory. */
  readonly jvmFlags?: readonly string[]
  /** Java system properties of both processes, such as {@link KINESIS_WITHOUT_CERTIFICATE}. */
  readonly systemProperties?: Readonly<Record<string, string>>
  /** Options by Flink's names, over the defaults of {@link flinkSettings}. */
  readonly config?: FlinkSettings
  /** Where `jobmanager.log` and `taskmanager.log` go, to stay after the end; default: the temporary folder. */
  readonly logFolder?: string
  readonly logger?: Logger
  /** Milliseconds that a start may take; default 120000. */
  readonly startTimeoutMs?: number
}

const LOGGING = `rootLogger.level = INFO
rootLogger.appenderRef.console.ref = Console
appender.console.name = Console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} %m%n
`

/**
 * Starts Apache Flink with one job of Stateful Functions, as two processes on 127.0.0.1 with random ports, and returns when
 * every task of the job is running. Flink is fetched on first use ({@link installFlink}). State, checkpoints and logs lie in
 * a temporary folder that {@link FlinkCluster.stop} deletes; checkpoints in a bucket and logs elsewhere when asked for. Both
 * processes die with this one, however that ends.
 *
 * @throws StatefunError what {@link installFlink} throws; `SF_GATE_FLINK_SETTING`; `SF_GATE_START_FAILED`,
 * `SF_GATE_START_TIMEOUT` (the folder then stays for a look at the logs)
 *
 * @example
 * await using flink = await startFlink({ module: 'module.yaml', parallelism: 2 })
 * await flink.killTaskManager()
 * await flink.startTaskManager()
 */
export async function startFlink(options: StartFlinkOptions): Promise<FlinkCluster> {
  const installation = await installFlink({ ...options, s3: options.bucket !== undefined })
  const memory = { ...DEFAULT_MEMORY, ...options.memory }
  const [rpc = 0, rest = 0, blob = 0, taskRpc = 0] = await freePorts(4)
  const folder = mkdtempSync(join(tmpdir(), 'statefun-flink-'))
  for (const name of ['conf', 'plugins', 'tmp', 'checkpoints', 'savepoints', 'rocksdb']) {
    mkdirSync(join(folder, name))
  }
  if (installation.s3Plugin !== undefined) addPlugin(join(folder, 'plugins'), installation.s3Plugin)
  const module = join(folder, 'module.yaml')
  copyFileSync(options.module, module)
  const settings = flinkSettings({
    folder,
    module,
    ports: { rpc, rest, blob, taskRpc },
    parallelism: options.parallelism ?? 1,
    checkpointIntervalMs: options.checkpointIntervalMs ?? 1_000,
    memory,
    bucket: options.bucket,
    overrides: options.config,
  })
  writeFileSync(join(folder, 'conf', 'flink-conf.yaml'), toFlinkConf(settings))
  writeFileSync(join(folder, 'conf', 'log4j-console.properties'), LOGGING)
  const processes = new FlinkProcesses({
    installation,
    folder,
    logFolder: options.logFolder ?? folder,
    memory,
    checkpointDir:
      options.bucket === undefined ? join(folder, 'checkpoints') : `${options.bucket.url}/checkpoints`,
    jvmFlags: [
      ...(options.jvmFlags ?? []),
      ...Object.entries(options.systemProperties ?? {}).map(([name, value]) => `-D${name}=${value}`),
    ],
    restUrl: `http://127.0.0.1:${rest}`,
    startTimeoutMs: options.startTimeoutMs ?? 120_000,
    logger: options.logger,
  })
  await processes.start()
  return processes
}

/** Flink looks for each plugin in a folder of its own, and knows the plugin by that folder's name. */
function addPlugin(plugins: string, jar: string): void {
  mkdirSync(join(plugins, 's3-fs-presto'))
  symlinkSync(jar, join(plugins, 's3-fs-presto', basename(jar)))
}
