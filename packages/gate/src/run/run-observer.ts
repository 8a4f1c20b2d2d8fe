import type { DeploymentAccess } from '../topology/deployment-access.ts'
import type { RunEvents, RunTally } from './run-events.ts'
import type { RunRequest } from './run-request.ts'

/** What a run that begins is about. */
export interface RunContext {
  readonly request: RunRequest
  readonly events: RunEvents
  /** The folder of its evidence and report; exists. */
  readonly folder: string
}

/** A stage that was left running. */
export interface KeptFacts {
  readonly pid: number
  /** Of its control server. */
  readonly url: string
}

/** What a run came to. */
export interface RunResult {
  /** See RUN_EXIT. */
  readonly exitCode: number
  readonly tally: RunTally
  readonly folder: string
  /** What was left running with `keep`. */
  readonly kept?: KeptFacts
}

/** Whoever shows a run, keeps evidence of it or reports it. Its methods must not throw. */
export interface RunObserver {
  /** Before anything starts: subscribe here. */
  begin?(context: RunContext): void
  /** The app is there on one engine, and its tests begin. */
  deployed?(access: DeploymentAccess): void
  /** All tests have ended and the parts are still there: evidence that has to be asked for is taken here. */
  beforeStop?(deployments: readonly DeploymentAccess[]): Promise<void>
  /** Everything has ended. */
  end?(result: RunResult): Promise<void>
}
