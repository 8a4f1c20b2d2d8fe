import type { ErrorJson } from '../../control/control-types.ts'
import type { DeploymentAccess } from '../../topology/deployment-access.ts'
import type { EngineName, StartRequest, TopologyName } from '../../topology/topology.ts'
import type { RunEvent } from '../run-events.ts'
import type { KeptStage } from './stage.ts'

/** What the run asks of the process that holds the parts. */
export type ToHost =
  | { readonly type: 'start'; readonly topology: TopologyName; readonly request: StartRequest }
  | { readonly type: 'keep' }
  | { readonly type: 'stop' }

/** What it says. */
export type FromHost =
  | { readonly type: 'event'; readonly event: RunEvent }
  | { readonly type: 'deployment'; readonly engine: EngineName; readonly access: DeploymentAccess }
  | { readonly type: 'failed'; readonly engine: EngineName; readonly error: ErrorJson }
  | { readonly type: 'kept'; readonly kept: KeptStage }
