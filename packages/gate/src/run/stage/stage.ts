import type { DeploymentAccess } from '../../topology/deployment-access.ts'
import type { EngineName, StartRequest } from '../../topology/topology.ts'
import type { RunEvents } from '../run-events.ts'

/** The parts of a run with their deployments, wherever the process is that holds them. */
export interface Stage {
  /** One for each engine that was asked for: fulfilled when tests may begin. */
  readonly deployments: ReadonlyMap<EngineName, Promise<DeploymentAccess>>
  /** Settles when the stage has ended without having been asked to; never rejects. */
  readonly lost: Promise<void>
  /**
   * Leaves it running when this process ends.
   *
   * @returns how it is ended later
   */
  keep(): Promise<KeptStage>
  /** Ends everything. Idempotent; does nothing after {@link Stage.keep}. */
  stop(): Promise<void>
}

/** A stage that outlives its run. */
export interface KeptStage {
  /** Of the process that holds the parts; SIGTERM ends them in order. */
  readonly pid: number
  readonly url: string
  readonly token: string
}

/** Starts the parts of a run; returns before they are there. */
export type OpenStage = (start: StartRequest, events: RunEvents) => Stage
