import type { PartFacts } from '../run/run-events.ts'

/** What a test may do to a part. */
export const FAULTS = ['kill', 'start', 'pause', 'resume'] as const

/** See {@link FAULTS}. */
export type Fault = (typeof FAULTS)[number]

/** How a timeline calls each. */
export const FAULT_CHANGES = {
  kill: 'killed',
  start: 'started',
  pause: 'paused',
  resume: 'resumed',
} as const satisfies Record<Fault, string>

/** A part with what can be done to it. */
export interface ControlledPart extends PartFacts {
  readonly can: readonly Fault[]
}

/** An error on its way from the control server to its client. */
export interface ErrorJson {
  readonly code: string
  readonly message: string
  readonly where?: string
  readonly hint?: string
  readonly excerpt?: string
}
