import type { FlinkJob } from './rest.ts'

/** A real Flink on this machine that runs one job of Stateful Functions: a JobManager and a TaskManager. */
export interface FlinkCluster extends AsyncDisposable {
  /** Flink's release: `1.16.2` */
  readonly version: string
  /** `http://127.0.0.1:<port>` of Flink's REST API. */
  readonly restUrl: string
  /**
   * Folder of checkpoints, `checkpoints/<job id>/chk-<n>`, deleted by {@link FlinkCluster.stop}; where they go to a bucket, the
   * URL there.
   */
  readonly checkpointDir: string
  /** Ids of the processes; undefined for one that is not running. */
  readonly pids: { readonly jobManager: number | undefined; readonly taskManager: number | undefined }
  /** `performance.now()` at which the first process was started. */
  readonly spawnedAt: number
  /** Milliseconds from {@link FlinkCluster.spawnedAt} until every task of the job was running. */
  readonly startMs: number
  /** The logs, over all restarts. Gone after {@link FlinkCluster.stop}, unless their folder was given. */
  readonly logPaths: { readonly jobManager: string; readonly taskManager: string }
  /** The job as it is now. @throws StatefunError `SF_GATE_FLINK_REST` */
  job(): Promise<FlinkJob>
  /** SIGKILL of the TaskManager: the job fails and restarts once there is another one. */
  killTaskManager(): Promise<void>
  /** Starts a TaskManager when none runs, and returns when every task of the job is running again. */
  startTaskManager(): Promise<void>
  /** Ends both processes and deletes their folder. */
  stop(): Promise<void>
}
