import { StatefunError } from '@statefun/protocol'

/** A job as Flink's REST API tells it. */
export interface FlinkJob {
  readonly id: string
  /** `RUNNING`, `RESTARTING`, `FAILED` … */
  readonly state: string
  /** Whether every task of it is running. */
  readonly tasksRunning: boolean
  /** When it last came to run, milliseconds since 1970; 0 before that. */
  readonly runningSince: number
  readonly completedCheckpoints: number
  /** How often it went on from a checkpoint. */
  readonly restored: number
}

interface JobDetails {
  readonly state: string
  readonly timestamps: { readonly RUNNING: number }
  readonly vertices: readonly { readonly status: string }[]
}

const TIMEOUT_MS = 5_000

/**
 * The one job of a cluster.
 *
 * @throws StatefunError `SF_GATE_FLINK_REST` when the API does not answer as it should, or there is no job yet
 */
export async function readJob(restUrl: string): Promise<FlinkJob> {
  const { jobs } = await get<{ jobs: readonly { id: string; status: string }[] }>(restUrl, '/jobs')
  const [job] = jobs
  if (job === undefined) throw new StatefunError('SF_GATE_FLINK_REST', 'Flink has no job', { where: restUrl })
  const [{ state, timestamps, vertices }, { counts }] = await Promise.all([
    get<JobDetails>(restUrl, `/jobs/${job.id}`),
    get<{ counts: { completed: number; restored: number } }>(restUrl, `/jobs/${job.id}/checkpoints`),
  ])
  return {
    id: job.id,
    state,
    tasksRunning: state === 'RUNNING' && vertices.every(({ status }) => status === 'RUNNING'),
    runningSince: timestamps.RUNNING,
    completedCheckpoints: counts.completed,
    restored: counts.restored,
  }
}

/** The type says which fields of the answer are used; it is not checked, as the API is that of a pinned release. */
async function get<T>(restUrl: string, path: string): Promise<T> {
  try {
    const response = await fetch(`${restUrl}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    return (await response.json()) as T
  } catch (cause) {
    throw new StatefunError('SF_GATE_FLINK_REST', `Flink does not answer ${path}`, { where: restUrl, cause })
  }
}
