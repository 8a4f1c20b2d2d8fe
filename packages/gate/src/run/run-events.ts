import type { EngineName, PartName, TopologyName } from '../topology/topology.ts'

/** A test, the same on every engine: `test` is the names of its suites and its own, joined by ` > `. */
export interface TestRef {
  /** Name of the deployment it ran on, see DeploymentAccess. */
  readonly deployment: string
  readonly engine: EngineName
  /** Path of its file relative to the app's folder. */
  readonly file: string
  readonly test: string
  readonly tags: readonly string[]
}

/**
 * `not-applicable`: the engine lacks something the test needs, and `reason` says what; `skipped`: its author marked it so.
 */
export type Verdict = 'passed' | 'failed' | 'not-applicable' | 'skipped'

/** One failure of a test, as text without colours. */
export interface TestFailure {
  /** Class of the error: `AssertionError`. */
  readonly name?: string
  readonly message: string
  readonly stack?: string
  /** Expected against received, as a diff. */
  readonly diff?: string
}

/** A part as reports name it. */
export interface PartFacts {
  readonly name: PartName
  readonly title: string
  readonly reach?: string
  /** Absolute; the file is below the run's folder. */
  readonly logPath?: string
}

/** A number with its goal, if there is one: to be below the limit. */
export interface Measure {
  readonly name: string
  readonly value: number
  readonly unit: 'MB' | 's'
  readonly limit?: number
}

/**
 * What happens in a run, in the order in which it is known. `at`: when it happened, milliseconds since the epoch; those of
 * tests come late, so that it may lie before that of the event before.
 */
export type RunEvent = { readonly at: number } & (
  | {
      readonly type: 'run-begin'
      readonly app: string
      readonly topology: TopologyName
      readonly engines: readonly EngineName[]
      /** Of evidence and report. */
      readonly folder: string
      /** The chosen tags as they were given, for people: `kafka and not chaos`. */
      readonly selection?: string
    }
  | {
      readonly type: 'phase-begin'
      /** Unique in the run. */
      readonly phase: string
      /** Names of the phases it waited for. */
      readonly after: readonly string[]
    }
  | {
      readonly type: 'phase-end'
      readonly phase: string
      readonly seconds: number
      /** Why it failed, formatted (StatefunError.format). */
      readonly error?: string
    }
  | {
      /** What a phase is doing: `fetched 12 of 31 archives`. */
      readonly type: 'phase-progress'
      readonly phase: string
      readonly text: string
    }
  | {
      readonly type: 'deployment-ready'
      readonly deployment: string
      readonly engine: EngineName
      readonly engineTitle: string
      readonly parts: readonly PartFacts[]
    }
  | { readonly type: 'deployment-failed'; readonly engine: EngineName; readonly error: string }
  | { readonly type: 'test-begin'; readonly test: TestRef }
  | {
      readonly type: 'test-end'
      readonly test: TestRef
      readonly verdict: Verdict
      readonly seconds: number
      /** Why it is not applicable or was skipped. */
      readonly reason?: string
      readonly failures: readonly TestFailure[]
    }
  | {
      /** A test file that could not be loaded, or an error outside of any test. Counts as a failure. */
      readonly type: 'error'
      readonly deployment?: string
      readonly file?: string
      readonly failure: TestFailure
    }
  | {
      /** A test did something to a part. */
      readonly type: 'fault'
      readonly deployment: string
      readonly part: PartName
      readonly change: 'killed' | 'started' | 'paused' | 'resumed'
    }
  | {
      /** For the timeline, from a test or the run itself. */
      readonly type: 'note'
      readonly level: 'info' | 'warn'
      readonly deployment?: string
      readonly text: string
    }
  | {
      /** What something of the run was found to take. */
      readonly type: 'measured'
      /** `function image` */
      readonly what: string
      readonly measures: readonly Measure[]
    }
  | {
      /** `--keep`: the parts outlive the run, in this process. */
      readonly type: 'kept'
      readonly pid: number
      /** Of its control server. */
      readonly url: string
    }
  | { readonly type: 'run-end'; readonly tally: RunTally; readonly interrupted: boolean }
)

/** Counts of a run. `failed` has errors outside of tests and deployments that did not start, too. */
export interface RunTally {
  readonly passed: number
  readonly failed: number
  readonly notApplicable: number
  readonly skipped: number
}

/** The events of one type. */
export type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>

type Distribute<Event> = Event extends unknown ? Omit<Event, 'at'> : never
/** An event as it is emitted; the time is added. */
export type NewRunEvent = Distribute<RunEvent>

/** Hands what happens in a run to whoever shows, counts or keeps it. */
export class RunEvents {
  readonly #listeners = new Set<(event: RunEvent) => void>()

  /**
   * @param listener called at once for each event, in order; it must not throw
   * @returns ends it
   */
  subscribe(listener: (event: RunEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  emit(event: NewRunEvent): void {
    this.forward({ at: Date.now(), ...event })
  }

  /** Emits an event of another process with its own time. */
  forward(event: RunEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
