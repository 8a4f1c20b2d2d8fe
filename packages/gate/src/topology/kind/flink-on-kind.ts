import { setTimeout as sleep } from 'node:timers/promises'
import { type LiveObject, readinessOf } from '@statefun/flink'
import { StatefunError } from '@statefun/protocol'
import { readFailure, readJob, readMetrics } from '../../flink/rest.ts'
import { logTail } from '../../process/log-tail.ts'
import type { AppStatus, RunningApp } from '../topology.ts'
import type { KubeClient } from './kubernetes/kube-client.ts'
import type { KubeObject } from './kubernetes/kube-object.ts'

/** What the operator says of a job (contract 7.1). */
export interface FlinkDeploymentObject extends KubeObject {
  readonly status?: {
    readonly error?: string
    readonly jobManagerDeploymentStatus?: string
    readonly lifecycleState?: string
    readonly jobStatus?: { readonly state?: string }
  }
}

/** What {@link FlinkOnKind} looks at. */
export interface FlinkOnKindOptions {
  readonly name: string
  readonly kube: KubeClient
  readonly namespace: string
  /** Name of the FlinkDeployment. */
  readonly deployment: string
  /** `http://127.0.0.1:<port>` of its REST API. */
  readonly restUrl: string
  /** Files with what its pods say: JobManager, TaskManager. */
  readonly logPaths: readonly string[]
  /** What is deleted with it, besides the FlinkDeployment; left out: it stays with the cluster. */
  readonly remove?: () => Promise<void>
}

const LOG_LINES = 200
const POLL_MS = 250
const RUNNING_TIMEOUT_MS = 300_000
const DELETED_TIMEOUT_MS = 60_000

const STATES: Readonly<Record<string, AppStatus['state']>> = {
  INITIALIZING: 'starting',
  CREATED: 'starting',
  RUNNING: 'restarting',
  RESTARTING: 'restarting',
  FAILING: 'restarting',
  FAILED: 'failed',
}

/** An app on Flink in a cluster: a FlinkDeployment under the operator. */
export class FlinkOnKind implements RunningApp {
  readonly name: string
  readonly restUrl: string
  readonly #options: FlinkOnKindOptions

  constructor(options: FlinkOnKindOptions) {
    this.name = options.name
    this.restUrl = options.restUrl
    this.#options = options
  }

  /** Where the FlinkDeployment lies. */
  get path(): string {
    const { namespace, deployment } = this.#options
    return `/apis/flink.apache.org/v1beta1/namespaces/${namespace}/flinkdeployments/${deployment}`
  }

  /**
   * Settles when every task runs and the operator has seen it.
   *
   * @throws StatefunError `SF_GATE_START_TIMEOUT`, `SF_GATE_JOB_FAILED`
   */
  async untilRunning(signal?: AbortSignal): Promise<void> {
    const { kube, deployment } = this.#options
    await kube.waitFor<FlinkDeploymentObject>(this.path, {
      what: `FlinkDeployment ${deployment}`,
      timeoutMs: RUNNING_TIMEOUT_MS,
      signal,
      until: (object) => {
        const { ready, failed, state } = readinessOf(object as LiveObject)
        const { jobManagerDeploymentStatus, error } = object.status ?? {}
        if (failed === undefined && jobManagerDeploymentStatus !== 'ERROR') return ready
        throw new StatefunError('SF_GATE_JOB_FAILED', `FlinkDeployment ${deployment}: ${failed ?? state}`, {
          ...(error === undefined ? {} : { excerpt: error }),
          hint: 'see the logs of the operator and of the JobManager in the folder of the run',
        })
      },
    })
    await this.untilTasksRun(signal)
  }

  /** Settles when every task runs, by Flink's own word. */
  async untilTasksRun(signal?: AbortSignal): Promise<void> {
    const deadline = performance.now() + RUNNING_TIMEOUT_MS
    for (;;) {
      const job = await readJob(this.restUrl).catch(() => undefined)
      if (job?.tasksRunning === true) return
      if (performance.now() > deadline) {
        throw new StatefunError('SF_GATE_START_TIMEOUT', `the job of ${this.name} does not run`, {
          where: this.restUrl,
          excerpt: await this.log(),
        })
      }
      await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal })
    }
  }

  async status(): Promise<AppStatus> {
    const { kube } = this.#options
    const object = await kube.api.find<FlinkDeploymentObject>(this.path)
    if (object === undefined) return { state: 'stopped', restarts: 0, checkpoints: 0 }
    try {
      const { id, state, tasksRunning, restarts, completedCheckpoints } = await readJob(this.restUrl)
      const reason = tasksRunning ? undefined : await readFailure(this.restUrl, id)
      return {
        state: tasksRunning ? 'running' : (STATES[state] ?? 'stopped'),
        restarts,
        checkpoints: completedCheckpoints,
        ...(reason === undefined ? {} : { reason }),
      }
    } catch (error) {
      // Its JobManager is away: Kubernetes or the operator starts another one.
      const reason = object.status?.error ?? StatefunError.from(error).message
      return { state: 'restarting', restarts: 0, checkpoints: 0, reason }
    }
  }

  async metrics(): Promise<string> {
    const { id } = await readJob(this.restUrl)
    return readMetrics(this.restUrl, id)
  }

  log(): Promise<string> {
    return Promise.resolve(this.#options.logPaths.map((path) => logTail(path, LOG_LINES)).join('\n'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { remove } = this.#options
    if (remove === undefined) return
    await this.delete()
    await remove()
  }

  /**
   * Deletes the FlinkDeployment and all that its job would go on from; fine when there is none.
   *
   * @throws StatefunError `SF_GATE_START_TIMEOUT`
   */
  async delete(): Promise<void> {
    const { kube, deployment } = this.#options
    await kube.api.delete(this.path)
    const deadline = performance.now() + DELETED_TIMEOUT_MS
    // The operator keeps the object until it has ended the job.
    while ((await kube.api.find(this.path)) !== undefined) {
      if (performance.now() > deadline)
        throw new StatefunError('SF_GATE_START_TIMEOUT', `FlinkDeployment ${deployment} is still there`)
      await sleep(POLL_MS)
    }
  }
}
