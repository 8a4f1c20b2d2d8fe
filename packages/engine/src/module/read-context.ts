import type { SourceLocation } from './model.ts'
import type { ModuleProblem, ModuleProblemCode } from './problem.ts'
import type { SourceText } from './source-text.ts'

/**
 * What a module.yaml is read for: our engine, or StateFun on Flink as released by Apache or continued by kzmlabs
 * (contract 11).
 */
export type ModuleTarget = 'embedded' | 'flink-apache' | 'flink-kzm'

/** Gathers the problems of one file while it is read. */
export class ReadContext {
  readonly target: ModuleTarget
  readonly source: SourceText
  /** Whether placeholders are replaced before the target reads the file. */
  readonly expands: boolean
  readonly #problems: ModuleProblem[] = []

  constructor(target: ModuleTarget, source: SourceText, expands = false) {
    this.target = target
    this.source = source
    this.expands = expands || target === 'embedded'
  }

  /** True for both Flink targets. */
  get forFlink(): boolean {
    return this.target !== 'embedded'
  }

  /** Notes an error; returns undefined so that a reader can end with it. */
  error(code: ModuleProblemCode, offset: number, message: string, hint?: string): undefined {
    this.#add('error', code, offset, message, hint)
  }

  /** Notes a warning. */
  warning(code: ModuleProblemCode, offset: number, message: string, hint?: string): void {
    this.#add('warning', code, offset, message, hint)
  }

  location(offset: number): SourceLocation {
    return this.source.location(offset)
  }

  /** All problems in the order of the file. */
  problems(): readonly ModuleProblem[] {
    return this.#problems.toSorted(
      (a, b) => a.location.line - b.location.line || a.location.column - b.location.column,
    )
  }

  #add(
    severity: ModuleProblem['severity'],
    code: ModuleProblemCode,
    offset: number,
    message: string,
    hint: string | undefined,
  ): void {
    const location = this.source.location(offset)
    const excerpt = this.source.excerpt(location)
    this.#problems.push({ severity, code, message, location, excerpt, hint })
  }
}
