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
  /** How often it was started anew after a failure. */
  readonly restarts: number
}

interface JobDetails {
  readonly state: string
  readonly timestamps: { readonly RUNNING: number }
  readonly vertices: readonly { readonly id: string; readonly name: string; readonly status: string }[]
}

interface MetricValue {
  readonly id: string
  readonly value: string
}

const TIMEOUT_MS = 5_000
/** Names in one request: they are part of its URL. */
const METRICS_AT_ONCE = 50
/** Of functions, of the Kafka source, and records that came and went. */
const SHOWN_METRICS = /\.functions\.|deserializer|numRecords(In|Out)$|produced$/

/**
 * The one job of a cluster.
 *
 * @throws StatefunError `SF_GATE_FLINK_REST` when the API does not answer as it should, or there is no job yet
 */
export async function readJob(restUrl: string): Promise<FlinkJob> {
  const { jobs } = await get<{ jobs: readonly { id: string; status: string }[] }>(restUrl, '/jobs')
  const [job] = jobs
  if (job === undefined) throw new StatefunError('SF_GATE_FLINK_REST', 'Flink has no job', { where: restUrl })
  const [{ state, timestamps, vertices }, { counts }, [restarts]] = await Promise.all([
    get<JobDetails>(restUrl, `/jobs/${job.id}`),
    get<{ counts: { completed: number; restored: number } }>(restUrl, `/jobs/${job.id}/checkpoints`),
    get<readonly MetricValue[]>(restUrl, `/jobs/${job.id}/metrics?get=numRestarts`),
  ])
  return {
    id: job.id,
    state,
    tasksRunning: state === 'RUNNING' && vertices.every(({ status }) => status === 'RUNNING'),
    runningSince: timestamps.RUNNING,
    completedCheckpoints: counts.completed,
    restored: counts.restored,
    restarts: Number(restarts?.value ?? 0),
  }
}

/**
 * Why a job failed last, as the first lines of the exception; undefined when it never did.
 *
 * @throws StatefunError `SF_GATE_FLINK_REST`
 */
export async function readFailure(restUrl: string, jobId: string): Promise<string | undefined> {
  const answer = await get<{ 'root-exception'?: string | null }>(restUrl, `/jobs/${jobId}/exceptions`)
  return answer['root-exception']?.split('\n').slice(0, 3).join('\n')
}

/**
 * Metrics of a job's operators in Prometheus's text format, under the names that Flink's own reporter gives them.
 *
 * @throws StatefunError `SF_GATE_FLINK_REST`
 */
export async function readMetrics(restUrl: string, jobId: string): Promise<string> {
  const { vertices } = await get<JobDetails>(restUrl, `/jobs/${jobId}`)
  const lines = await Promise.all(
    vertices.map(async ({ id, name }) => {
      const path = `/jobs/${jobId}/vertices/${id}/metrics`
      const ids = (await get<readonly MetricValue[]>(restUrl, path)).map((metric) => metric.id)
      const shown = ids.filter((metric) => SHOWN_METRICS.test(metric))
      const parts = Array.from({ length: Math.ceil(shown.length / METRICS_AT_ONCE) }, (_, part) =>
        shown.slice(part * METRICS_AT_ONCE, (part + 1) * METRICS_AT_ONCE),
      )
      const values = await Promise.all(
        parts.map((names) =>
          get<readonly MetricValue[]>(restUrl, `${path}?get=${names.map(encodeURIComponent).join(',')}`),
        ),
      )
      return values.flat().map((metric) => prometheusLine(metric, name))
    }),
  )
  return `${lines.flat().join('\n')}\n`
}

/** `0.functions.counter_kafka.fn.in` is subtask, operator and name. */
function prometheusLine({ id, value }: MetricValue, vertex: string): string {
  const [, subtask = '', name = id] = /^(\d+)\.(.*)$/.exec(id) ?? []
  const label = `subtask_index="${subtask}",vertex="${vertex.replaceAll(/["\\\n]/g, ' ')}"`
  return `flink_taskmanager_job_task_operator_${name.replaceAll(/[^A-Za-z0-9_:]/g, '_')}{${label}} ${value}`
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
