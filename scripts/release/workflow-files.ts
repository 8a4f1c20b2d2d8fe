import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** A step of a workflow's job, or of an action of our own. */
export interface WorkflowStep {
  /** Path below the root. */
  readonly file: string
  /** Empty for an action. */
  readonly job: string
  readonly run?: string
  readonly uses?: string
}

/** A workflow with what its rules look at. */
export interface WorkflowFile {
  readonly file: string
  readonly text: string
  /** Undefined for an action. */
  readonly jobs?: Readonly<Record<string, WorkflowJob>>
  readonly permissions?: unknown
  readonly steps: readonly WorkflowStep[]
}

/** The parts of a job that the rules look at. */
export interface WorkflowJob {
  readonly uses?: string
  readonly permissions?: unknown
  readonly 'timeout-minutes'?: number
  readonly steps?: readonly { readonly run?: string; readonly uses?: string }[]
}

interface Document {
  readonly jobs?: Readonly<Record<string, WorkflowJob>>
  readonly permissions?: unknown
  readonly runs?: { readonly steps?: WorkflowJob['steps'] }
}

/** Every workflow and action below `.github`, sorted by path. */
export function readWorkflows(root: string): readonly WorkflowFile[] {
  return globSync(['.github/workflows/*.yml', '.github/actions/*/action.yml'], { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
    .map((file) => readWorkflow(file, readFileSync(join(root, file), 'utf8')))
}

/** Reads one. @throws Error of the YAML reader */
export function readWorkflow(file: string, text: string): WorkflowFile {
  const document = parse(text) as Document
  const jobs = document.jobs ?? { '': { steps: document.runs?.steps ?? [] } }
  const steps = Object.entries(jobs).flatMap(([job, { uses, steps: own = [] }]) => [
    ...(uses === undefined ? [] : [{ file, job, uses }]),
    ...own.map(({ run, uses: action }) => ({
      file,
      job,
      ...(run === undefined ? {} : { run }),
      ...(action === undefined ? {} : { uses: action }),
    })),
  ])
  return {
    file,
    text,
    steps,
    ...(document.jobs === undefined ? {} : { jobs: document.jobs, permissions: document.permissions }),
  }
}
