import { StatefunError } from '@statefun/protocol'
import { FENCED } from '../../../packages/engine/src/connector/transactional-sink.ts'
import type { Job } from '../../../packages/engine/src/engine/job.ts'
import type { SimProcess } from '../process.ts'
import type { Trace } from '../trace.ts'

export interface HostOptions {
  readonly process: SimProcess
  readonly trace: Trace
  /** Makes the next incarnation of the job. */
  readonly makeJob: () => Job
  readonly restartMs: () => number
  /** A job has ended by itself. */
  readonly failed: (error: StatefunError) => void
  /** The process has ended by itself; with the reason when it gave up. */
  readonly ended: (reason: StatefunError | undefined) => void
}

/** A process with an engine in it, as `Engine` keeps it: a job that fails is closed, and the next one starts. */
export class Host {
  readonly #options: HostOptions
  #job: Job | undefined
  #stopping = false

  constructor(options: HostOptions) {
    this.#options = options
  }

  /** The job while it processes records. */
  get job(): Job | undefined {
    return this.process.alive && this.#job?.running === true ? this.#job : undefined
  }

  get process(): SimProcess {
    return this.#options.process
  }

  async run(): Promise<void> {
    const { process, trace, makeJob, restartMs, failed, ended } = this.#options
    while (!this.#stopping) {
      const job = makeJob()
      this.#job = job
      let reason: unknown
      try {
        await Promise.race([job.start(), job.failure.then((error) => Promise.reject(error))])
        trace.note(process.name, 'runs')
        reason = await job.failure
      } catch (error) {
        reason = error
      }
      if (this.#stopping) return
      const error = StatefunError.from(reason)
      trace.note(process.name, 'failed', error.code, error.message)
      failed(error)
      await job.close()
      if (this.#stopping) return
      if (error.code === FENCED) {
        ended(error)
        return
      }
      await new Promise<void>((resolve) => void process.later(restartMs(), resolve))
    }
  }

  /** Stops as on SIGTERM; the process ends afterwards. */
  async stop(drainMs: number): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    const { process, trace, ended } = this.#options
    trace.note(process.name, 'stops')
    try {
      await this.#job?.stop(drainMs)
      trace.note(process.name, 'stopped')
    } catch (error) {
      trace.note(process.name, 'stopped with', StatefunError.from(error).code)
    }
    await this.#job?.close()
    ended(undefined)
  }
}
