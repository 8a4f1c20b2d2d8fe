import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Logger } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { type Child, startChild } from '../process/child.ts'
import { fatalLines } from '../process/fatal-lines.ts'
import { waitUntilReady } from '../process/wait-until-ready.ts'
import { FLINK_VERSION } from './artifacts.ts'
import { type FlinkMemory, jobManagerFlags, taskManagerFlags } from './config.ts'
import type { FlinkCluster } from './flink-cluster.ts'
import type { FlinkInstallation } from './install-flink.ts'
import { type FlinkJob, readJob } from './rest.ts'

/** What the two processes are started from. */
export interface FlinkProcessesOptions {
  readonly installation: FlinkInstallation
  /** Holds `conf` and everything that {@link flinkSettings} names. */
  readonly folder: string
  readonly logFolder: string
  readonly memory: Required<FlinkMemory>
  readonly restUrl: string
  readonly checkpointDir: string
  readonly jvmFlags: readonly string[]
  readonly startTimeoutMs: number
  readonly logger: Logger | undefined
}

/**
 * Application mode: the JobManager itself runs the job's main class. Stateful Functions' own launcher does the same, but wants
 * its jar at a fixed path under /opt.
 */
const JOB_MANAGER = 'org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint'
const TASK_MANAGER = 'org.apache.flink.runtime.taskexecutor.TaskManagerRunner'
const JOB = 'org.apache.flink.statefun.flink.core.StatefulFunctionsJob'
const STOP_GRACE_MS = 5_000
const ASK_EVERY_MS = 100

/** The processes behind {@link FlinkCluster}. */
export class FlinkProcesses implements FlinkCluster {
  readonly version = FLINK_VERSION
  readonly restUrl: string
  readonly checkpointDir: string
  readonly logPaths: { readonly jobManager: string; readonly taskManager: string }
  spawnedAt = 0
  startMs = 0
  readonly #options: FlinkProcessesOptions
  #jobManager: Child | undefined
  #taskManager: Child | undefined
  /** Of the job, when its TaskManager was killed: the JobManager takes the tasks for running a while longer. */
  #ranSince = 0

  constructor(options: FlinkProcessesOptions) {
    this.#options = options
    this.restUrl = options.restUrl
    this.checkpointDir = options.checkpointDir
    this.logPaths = {
      jobManager: join(options.logFolder, 'jobmanager.log'),
      taskManager: join(options.logFolder, 'taskmanager.log'),
    }
  }

  get pids(): { readonly jobManager: number | undefined; readonly taskManager: number | undefined } {
    const pidOf = (child: Child | undefined) => (child?.exit === undefined ? child?.pid : undefined)
    return { jobManager: pidOf(this.#jobManager), taskManager: pidOf(this.#taskManager) }
  }

  /** Starts both and waits for the job. */
  async start(): Promise<void> {
    this.spawnedAt = performance.now()
    const { memory, logger } = this.#options
    this.#jobManager = await this.#spawn(
      'Flink JobManager',
      this.logPaths.jobManager,
      jobManagerFlags(memory),
      [JOB_MANAGER, ...this.#configDir(), '--job-classname', JOB],
    )
    await this.startTaskManager()
    this.startMs = Math.round(performance.now() - this.spawnedAt)
    logger?.info({ rest: this.restUrl, pids: this.pids, startMs: this.startMs }, 'Flink job running')
  }

  job(): Promise<FlinkJob> {
    return readJob(this.restUrl)
  }

  async killTaskManager(): Promise<void> {
    if (this.pids.taskManager === undefined) return
    this.#ranSince = (await this.job()).runningSince
    await this.#taskManager?.kill()
  }

  async startTaskManager(): Promise<void> {
    if (this.pids.taskManager === undefined) {
      this.#taskManager = await this.#spawn(
        'Flink TaskManager',
        this.logPaths.taskManager,
        taskManagerFlags(this.#options.memory),
        [TASK_MANAGER, ...this.#configDir()],
      )
    }
    const [jobManager, taskManager] = [this.#jobManager, this.#taskManager]
    if (jobManager === undefined || taskManager === undefined) return
    try {
      const isRunning = async () => {
        const { tasksRunning, runningSince } = await this.job()
        return tasksRunning && runningSince > this.#ranSince
      }
      await waitUntilReady([jobManager, taskManager], isRunning, {
        timeoutMs: this.#options.startTimeoutMs,
        intervalMs: ASK_EVERY_MS,
      })
    } catch (error) {
      await this.#end()
      throw explained(error)
    }
  }

  async stop(): Promise<void> {
    await this.#end()
    await rm(this.#options.folder, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #end(): Promise<void> {
    await Promise.all([this.#taskManager?.stop(STOP_GRACE_MS), this.#jobManager?.stop(STOP_GRACE_MS)])
  }

  #configDir(): readonly string[] {
    return ['--configDir', join(this.#options.folder, 'conf')]
  }

  #spawn(name: string, logPath: string, flags: readonly string[], main: readonly string[]): Promise<Child> {
    const { installation, folder, jvmFlags } = this.#options
    return startChild({
      name,
      command: installation.java,
      args: [
        ...flags,
        `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
        `-Dlog4j.configurationFile=file:${join(folder, 'conf', 'log4j-console.properties')}`,
        ...jvmFlags,
        '-cp',
        installation.classPath.join(delimiter),
        ...main,
      ],
      cwd: folder,
      // Options for every JVM of this machine would change what is tested, and print a line.
      env: { FLINK_PLUGINS_DIR: join(folder, 'plugins'), JAVA_TOOL_OPTIONS: undefined },
      logPath,
      removeWithParent: folder,
    })
  }
}

/** With the log's reasons, where it has some, in place of its end. */
function explained(error: unknown): unknown {
  if (!(error instanceof StatefunError) || error.where === undefined) return error
  const excerpt = fatalLines(readFileSync(error.where, 'utf8'))
  if (excerpt === '') return error
  return new StatefunError(error.code, error.message, { where: error.where, excerpt, cause: error })
}
