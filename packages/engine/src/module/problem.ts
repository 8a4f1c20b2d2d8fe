import { styleText } from 'node:util'
import type { SourceLocation } from './model.ts'

/**
 * Stable codes of what may be wrong with a module.yaml. `SF_MODULE_FLINK_REFUSES`, `_IGNORES` and `_DIFFERS` are reported
 * only when the file is checked for Flink.
 */
export type ModuleProblemCode =
  | 'SF_MODULE_TOO_LARGE'
  | 'SF_MODULE_SYNTAX'
  | 'SF_MODULE_LEGACY_FORMAT'
  | 'SF_MODULE_UNKNOWN_KIND'
  | 'SF_MODULE_UNKNOWN_FIELD'
  | 'SF_MODULE_MISSING_FIELD'
  | 'SF_MODULE_BAD_VALUE'
  | 'SF_MODULE_DUPLICATE'
  | 'SF_MODULE_PLACEHOLDER'
  | 'SF_MODULE_NO_EFFECT'
  | 'SF_MODULE_DEPRECATED'
  | 'SF_MODULE_NO_INGRESS'
  | 'SF_MODULE_NO_ENDPOINT'
  | 'SF_MODULE_UNBOUND_TARGET'
  | 'SF_MODULE_WRAPPED_TEXT'
  | 'SF_MODULE_FLINK_REFUSES'
  | 'SF_MODULE_FLINK_IGNORES'
  | 'SF_MODULE_FLINK_DIFFERS'

/** One thing that is wrong, or probably not meant, in a file that people write. */
export interface Problem {
  /** With an `error` the app does not start (or, for Flink, its job does not). */
  readonly severity: 'error' | 'warning'
  readonly code: string
  /** Never contains the value of a placeholder, only what the file says. */
  readonly message: string
  readonly location: SourceLocation
  /** The line of the file with its number, and below it a caret under the column. */
  readonly excerpt: string
  /** What to do about it. */
  readonly hint: string | undefined
}

/** A problem of a module.yaml. */
export interface ModuleProblem extends Problem {
  readonly code: ModuleProblemCode
}

/** `module.yaml:12:7` */
export function formatLocation(location: SourceLocation): string {
  return `${location.file}:${location.line}:${location.column}`
}

/**
 * The form printed for people: severity, code, place and message, the excerpt, the hint.
 *
 * @param options.color with ANSI colours; the caller knows whether it writes to a terminal
 */
export function formatProblem(problem: Problem, options: { readonly color?: boolean } = {}): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    options.color === true ? styleText(style, text, { validateStream: false }) : text
  const severity = paint(problem.severity === 'error' ? 'red' : 'yellow', problem.severity)
  const lines = [
    `${severity} ${problem.code} ${paint('bold', formatLocation(problem.location))}: ${problem.message}`,
  ]
  if (problem.excerpt !== '') lines.push(paint('dim', problem.excerpt))
  if (problem.hint !== undefined) lines.push(`  hint: ${problem.hint}`)
  return lines.join('\n')
}
