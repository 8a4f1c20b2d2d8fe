/**
 * Runs of end-to-end tests, as the `statefun` command makes them.
 *
 * @module
 */

export type {
  EvidenceLink,
  PartLines,
  ReportedDeployment,
  ReportedError,
  ReportedMachine,
  ReportedMeasure,
  ReportedNote,
  ReportedPart,
  ReportedPhase,
  ReportedRequest,
  ReportedTest,
  RunReport,
  RunVerdict,
  SaidLine,
  TailRecord,
  TopicTail,
} from '../report/run-report.ts'
export { RunReporter, type RunReporterOptions } from '../report/run-reporter.ts'
export { functionImageCheck } from '../topology/kind/function-image-check.ts'
export { kindObserver } from '../topology/kind/kind-observer.ts'
export { operatorLogCheck } from '../topology/kind/operator-log-check.ts'
export { type KeptRecord, KeptStages } from './kept-stages.ts'
export { type RunOptions, runGate } from './run.ts'
export type { KeptFacts, RunContext, RunObserver, RunResult } from './run-observer.ts'
export { RUN_EXIT, type RunRequest } from './run-request.ts'
