import type { SourceLocation } from '@statefun/engine'

/** Something wrong with a deployment, before it is known where it is written. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  /** Stable: `SF_DEPLOY_…`. */
  readonly code: string
  readonly message: string
  readonly hint: string
  /** What to look for in the configuration file: the last name of the field. */
  readonly anchor?: string
  /** Where in module.yaml, when it is a matter of that. */
  readonly location?: SourceLocation
}
