import type { FunctionResponse, InvocationBatch } from '@statefun/protocol'

/** How the engine reaches one function type. Retries and their budget are the transport's matter (contract 1.6). */
export interface Transport {
  /** Calls that it carries at once; more would wait inside. */
  readonly concurrency: number
  /**
   * Carries one batch. The answer comes without a promise when the function ran in this process and answered at once.
   *
   * @throws StatefunError (thrown or rejected) once the call's whole budget is used up; its `cause` is the last attempt's
   */
  invoke(batch: InvocationBatch): FunctionResponse | Promise<FunctionResponse>
  /** Aborts calls under way and frees connections. Idempotent. */
  close(): Promise<void>
}

/** Told of each attempt, for `remoteInvocationFailures` and `remoteInvocationLatency` (contract 5.8). */
export interface AttemptObserver {
  attempt(milliseconds: number, failed: boolean): void
}
