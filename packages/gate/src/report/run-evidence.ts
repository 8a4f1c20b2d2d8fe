import type { EvidenceLink, PartLines, TopicTail } from './run-report.ts'

/** What was kept besides the events; moments are milliseconds since the epoch here. */
export interface RunEvidence {
  /** What each part of a deployment said between two moments, and parts of no deployment; `at` of its lines is a moment like these. */
  said(deployment: string, from: number, to: number): readonly PartLines[]
  /** The last records of the deployment's topics and streams, as a test saw them that ended at that moment. */
  tails(deployment: string, at: number): readonly TopicTail[]
  /** Path of what was kept of a part's log, relative to the run's folder. */
  logOf(deployment: string, part: string): string | undefined
  readonly links: readonly EvidenceLink[]
  /** Evidence that could not be had, and why. */
  readonly gaps: readonly { readonly at: number; readonly text: string }[]
}

/** Evidence of a run that left none. */
export const NO_EVIDENCE: RunEvidence = {
  said: () => [],
  tails: () => [],
  logOf: () => undefined,
  links: [],
  gaps: [],
}
