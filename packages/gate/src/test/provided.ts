import { inject } from 'vitest'
import type { Capability } from '../topology/capability.ts'
import type { DeploymentAccess } from '../topology/deployment-access.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** What the tests of this run are run against. */
    statefunDeployment: DeploymentAccess
  }
  interface TaskMeta {
    /** What a test needs besides what its tags say; where that is lacking it is reported as not applicable. */
    needs?: readonly Capability[]
  }
}

/** The deployment that the tests of this process are about. */
export function deployment(): DeploymentAccess {
  return inject('statefunDeployment')
}
