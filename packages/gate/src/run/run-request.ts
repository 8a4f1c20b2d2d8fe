import type { AppUnderTest, EngineName, TopologyName } from '../topology/topology.ts'

/** What `npm run e2e` and `statefun e2e` were asked for, checked. */
export interface RunRequest {
  readonly app: AppUnderTest
  /** `auto`: `process` where its preconditions hold, else `embedded`. */
  readonly topology: TopologyName | 'auto'
  /** `auto`: all engines that the topology has. */
  readonly engines: readonly EngineName[] | 'auto'
  /** Expression over tags, such as `kafka and not chaos`; the run's tests match it. */
  readonly tags?: string
  /** Expression over tags; tests that match it are left out. */
  readonly excludeTags?: string
  /** Parts of file names below the app's `e2e/`; all files when empty. */
  readonly files: readonly string[]
  /** Only tests that failed in the last run. */
  readonly lastFailed: boolean
  /** Leave everything running at the end. */
  readonly keep: boolean
  /** Absolute path for the report as JSON. */
  readonly json?: string
  /** Absolute path for the report as JUnit XML. */
  readonly junit?: string
  /** Absolute path of the folder for evidence and the HTML page; one below the app's `.statefun/e2e` when left out. */
  readonly report?: string
}

/** Exit codes of a run. */
export const RUN_EXIT = { passed: 0, failed: 1, usage: 2, interrupted: 130 } as const
