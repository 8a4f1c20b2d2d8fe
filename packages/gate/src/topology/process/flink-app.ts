import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FlinkBucket } from '../../flink/bucket.ts'
import type { FlinkSettings } from '../../flink/config.ts'
import type { FlinkCluster } from '../../flink/flink-cluster.ts'
import { KINESIS_WITHOUT_CERTIFICATE } from '../../flink/kinesis.ts'
import { readFailure, readMetrics } from '../../flink/rest.ts'
import { startFlink } from '../../flink/start-flink.ts'
import { logTail } from '../../process/log-tail.ts'
import type { AppStatus, RunningApp } from '../topology.ts'
import { QUICK_START } from './quick-start.ts'

/** What {@link FlinkApp.start} is given. */
export interface FlinkAppOptions {
  readonly name: string
  /** Text of module.yaml as Apache StateFun takes it. */
  readonly module: string
  readonly bucket: FlinkBucket
  /** Existing folder for the logs of both processes. */
  readonly logFolder: string
  /** Without limit when left out. */
  readonly restartAttempts?: number
}

const LOG_LINES = 200

const STATES: Readonly<Record<string, AppStatus['state']>> = {
  INITIALIZING: 'starting',
  CREATED: 'starting',
  RUNNING: 'restarting',
  RESTARTING: 'restarting',
  FAILING: 'restarting',
  FAILED: 'failed',
}

/** An app on real Flink: a job of Apache StateFun 3.3.0 on a JobManager and a TaskManager of its own. */
export class FlinkApp implements RunningApp {
  readonly name: string
  readonly cluster: FlinkCluster

  private constructor(name: string, cluster: FlinkCluster) {
    this.name = name
    this.cluster = cluster
  }

  /**
   * Starts Flink and returns when every task of the job is running.
   *
   * @throws StatefunError as {@link startFlink}
   */
  static async start(options: FlinkAppOptions): Promise<FlinkApp> {
    const folder = await mkdtemp(join(tmpdir(), 'statefun-module-'))
    try {
      const module = join(folder, 'module.yaml')
      await writeFile(module, options.module)
      const cluster = await startFlink({
        module,
        bucket: options.bucket,
        logFolder: options.logFolder,
        jvmFlags: QUICK_START,
        systemProperties: KINESIS_WITHOUT_CERTIFICATE,
        config: settings(options),
      })
      return new FlinkApp(options.name, cluster)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async status(): Promise<AppStatus> {
    const { cluster } = this
    if (cluster.pids.jobManager === undefined) {
      return { state: 'stopped', restarts: 0, checkpoints: 0, reason: logTail(cluster.logPaths.jobManager) }
    }
    const { id, state, tasksRunning, restarts, completedCheckpoints } = await cluster.job()
    const reason = tasksRunning ? undefined : await readFailure(cluster.restUrl, id)
    return {
      state: tasksRunning ? 'running' : (STATES[state] ?? 'stopped'),
      restarts,
      checkpoints: completedCheckpoints,
      ...(reason === undefined ? {} : { reason }),
    }
  }

  async metrics(): Promise<string> {
    const { id } = await this.cluster.job()
    return readMetrics(this.cluster.restUrl, id)
  }

  log(): Promise<string> {
    const { jobManager, taskManager } = this.cluster.logPaths
    return Promise.resolve(`${logTail(jobManager, LOG_LINES)}\n${logTail(taskManager, LOG_LINES)}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster.stop()
  }
}

function settings({ name, restartAttempts }: FlinkAppOptions): FlinkSettings {
  return {
    'statefun.flink-job-name': name,
    ...(restartAttempts === undefined
      ? {}
      : {
          'restart-strategy.fixed-delay.attempts': restartAttempts,
          // The JobManager stays for questions about a job that has failed.
          'execution.shutdown-on-application-finish': false,
        }),
  }
}
