import type { PlaceholderEnv } from './placeholder.ts'
import type { ModuleProblem } from './problem.ts'
import { type ModuleTarget, ReadContext } from './read-context.ts'
import { readDocuments } from './read-documents.ts'
import { SourceText } from './source-text.ts'

/** Options of {@link validateModule}. */
export interface ValidateModuleOptions {
  /** Name of the file, as problems show it. */
  readonly file: string
  /** What the file is checked for; `flink` is both Flink targets together. */
  readonly target: ModuleTarget | 'flink'
  /** Where placeholders are looked up; by default the environment of the process. */
  readonly env?: PlaceholderEnv
  /**
   * `expand`: those of a file for Flink are replaced before it is deployed, and only what cannot be replaced is an error.
   * By default Flink reads the file as it is. The embedded engine always expands them.
   */
  readonly placeholders?: 'expand'
  /** Function types served in process; they count for the embedded engine only. */
  readonly functions?: readonly string[]
}

/**
 * Everything that is wrong, or probably not meant, in a module.yaml, in the order of the file; never throws for what the
 * file says. For Flink that is also what Flink refuses, ignores or does differently (contract 4, 10, 11).
 */
export function validateModule(text: string, options: ValidateModuleOptions): readonly ModuleProblem[] {
  if (options.target !== 'flink') return validateFor(options.target, text, options)
  const apache = validateFor('flink-apache', text, options)
  const seen = new Set(apache.map(identity))
  const kzm = validateFor('flink-kzm', text, options).filter((problem) => !seen.has(identity(problem)))
  return [...apache, ...kzm].sort(
    (a, b) => a.location.line - b.location.line || a.location.column - b.location.column,
  )
}

function validateFor(
  target: ModuleTarget,
  text: string,
  options: ValidateModuleOptions,
): readonly ModuleProblem[] {
  const context = new ReadContext(
    target,
    new SourceText(text.replace(/^\uFEFF/, ''), options.file),
    options.placeholders === 'expand',
  )
  const functions = target === 'embedded' ? (options.functions ?? []) : []
  readDocuments(context, { env: options.env ?? process.env, functions })
  return context.problems()
}

function identity({ code, location, message }: ModuleProblem): string {
  return `${code} ${location.line}:${location.column} ${message}`
}
