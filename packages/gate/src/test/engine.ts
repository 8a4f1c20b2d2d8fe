import type { Capability } from '../topology/capability.ts'
import type { DeploymentAccess } from '../topology/deployment-access.ts'
import type { EngineName, TopologyName } from '../topology/topology.ts'

/** What runs the app under test. */
export interface EngineFacts {
  readonly name: EngineName
  /** With its release, as in reports. */
  readonly title: string
  readonly topology: TopologyName
  /** Tells what it can do; a test that depends on it as a whole rather says so in `meta.needs`. */
  has(capability: Capability): boolean
}

/** What a deployment says of its engine. */
export function engineFacts(access: DeploymentAccess): EngineFacts {
  return {
    name: access.engine,
    title: access.engineTitle,
    topology: access.topology,
    has: (capability) => access.capabilities.includes(capability),
  }
}
