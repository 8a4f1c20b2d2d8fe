import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from 'vitest/node'
import { errorFromJson } from '../../control/error-json.ts'
import type { DeploymentAccess } from '../../topology/deployment-access.ts'
import type { RunEvents, TestFailure, TestRef, Verdict } from '../run-events.ts'
import type { TagFilter } from '../tag-expression.ts'

/** Begins the reason of a test that does not apply: what the fixtures skip with, the reporter tells by. */
export const NOT_APPLICABLE = 'not applicable on '

/** What Vitest reports, as events of a run. */
export class EventReporter implements Reporter {
  /** Set before the tests are run. */
  deployment: DeploymentAccess | undefined
  readonly #events: RunEvents
  readonly #folder: string
  readonly #matches: (test: TestCase) => boolean

  /**
   * @param folder that file names are relative to
   * @param matches tells a test that was meant to be run from one that was not chosen
   */
  constructor(events: RunEvents, folder: string, matches: (test: TestCase) => boolean) {
    this.#events = events
    this.#folder = folder
    this.#matches = matches
  }

  onTestCaseReady(test: TestCase): void {
    if (this.deployment === undefined || !this.#matches(test)) return
    if (test.options.mode !== 'run' && test.options.mode !== 'only') return
    this.#events.forward({ at: beganAt(test), type: 'test-begin', test: this.#refOf(test) })
  }

  onTestCaseResult(test: TestCase): void {
    if (this.deployment === undefined || !this.#matches(test)) return
    const result = test.result()
    const note = result.state === 'skipped' ? result.note : undefined
    const verdict: Verdict =
      result.state === 'passed' || result.state === 'failed'
        ? result.state
        : note?.startsWith(NOT_APPLICABLE)
          ? 'not-applicable'
          : 'skipped'
    const milliseconds = test.diagnostic()?.duration ?? 0
    this.#events.forward({
      at: Math.round(beganAt(test) + milliseconds),
      type: 'test-end',
      test: this.#refOf(test),
      verdict,
      seconds: milliseconds / 1000,
      ...(note === undefined ? {} : { reason: note }),
      failures: (result.errors ?? []).map(failureOf),
    })
  }

  /** Hooks of a suite that fail take its tests along without a word about them. */
  onTestSuiteResult(suite: TestSuite): void {
    this.#errors(suite.errors(), suite.module)
  }

  onTestModuleEnd(module: TestModule): void {
    this.#errors(module.errors(), module)
  }

  onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    this.#errors(unhandled)
  }

  #errors(errors: readonly SerializedError[], module?: TestModule): void {
    if (this.deployment === undefined) return
    for (const error of errors) {
      this.#events.emit({
        type: 'error',
        deployment: this.deployment.name,
        ...(module === undefined ? {} : { file: this.#fileOf(module) }),
        failure: failureOf(error),
      })
    }
  }

  #refOf(test: TestCase): TestRef {
    return {
      deployment: this.deployment?.name ?? '',
      engine: this.deployment?.engine ?? 'embedded',
      file: this.#fileOf(test.module),
      test: test.fullName,
      tags: test.tags,
    }
  }

  #fileOf(module: TestModule): string {
    return relative(this.#folder, module.moduleId)
  }
}

/** Workers report in batches, so that now is too late. */
function beganAt(test: TestCase): number {
  return Math.round(test.diagnostic()?.startTime ?? Date.now())
}

/** Says whether a test was chosen: by its tags, and by its name where only some are to be run. */
export function chooser(tags: TagFilter, only: ReadonlySet<string> | undefined): (test: TestCase) => boolean {
  return (test) => tags(test.tags) && (only === undefined || only.has(testKey(test)))
}

/** What a test is remembered by from run to run. */
export function testKey(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`
}

function failureOf(error: SerializedError): TestFailure {
  const stack = (error.stacks ?? []).map(
    ({ file, line, column, method }) => `at ${method === '' ? '' : `${method} `}${file}:${line}:${column}`,
  )
  return {
    ...(error.name === undefined ? {} : { name: error.name }),
    message: stripVTControlCharacters(messageOf(error)),
    ...(stack.length === 0 ? {} : { stack: stack.join('\n') }),
    ...(typeof error.diff === 'string' ? { diff: stripVTControlCharacters(error.diff) } : {}),
  }
}

/** As StatefunError.format says it; what came over from the worker has no methods any more. */
function messageOf(error: SerializedError): string {
  const { code, message, where, hint, excerpt } = error
  if (typeof code !== 'string' || !code.startsWith('SF_')) return message
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
  return errorFromJson({
    code,
    message,
    ...definite({ where: text(where), hint: text(hint), excerpt: text(excerpt) }),
  }).format()
}

function definite(texts: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
