/** Details that every {@link StatefunError} may carry besides its code and message. */
export interface StatefunErrorOptions {
  /** What to do about it, as one imperative sentence. */
  readonly hint?: string
  /** Where it happened: `module.yaml:12:7`, `topic [t], partition [0], offset [42]`, `example/counter id [x]`. */
  readonly where?: string
  /** A longer excerpt shown below the message, such as the line of a file with a caret under the column. */
  readonly excerpt?: string
  /** The error that led to this one. */
  readonly cause?: unknown
}

const BRAND = Symbol.for('statefun.error')

/**
 * The one error class of this project.
 *
 * `code` is stable across releases (`SF_MODULE_UNKNOWN_KIND`) and is what programs compare; `message` is for people and
 * may change. `instanceof` also holds for an error made by another copy of this package.
 *
 * @example
 * try { loadModule(text) } catch (error) {
 *   if (error instanceof StatefunError && error.code === 'SF_MODULE_UNKNOWN_KIND') console.error(error.hint)
 * }
 */
export class StatefunError extends Error {
  override readonly name = 'StatefunError'
  readonly code: string
  readonly hint: string | undefined
  readonly where: string | undefined
  readonly excerpt: string | undefined

  constructor(code: string, message: string, options: StatefunErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.where = options.where
    this.excerpt = options.excerpt
    Object.defineProperty(this, BRAND, { value: true })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  /** Wraps anything that was thrown; a StatefunError is returned as it is. */
  static from(value: unknown, code = 'SF_INTERNAL', options: StatefunErrorOptions = {}): StatefunError {
    if (value instanceof StatefunError) return value
    const message = value instanceof Error ? value.message : String(value)
    return new StatefunError(code, message, { ...options, cause: options.cause ?? value })
  }

  /** The form printed for people: code, place, message, excerpt, hint; no stack. */
  format(): string {
    const place = this.where === undefined ? '' : `${this.where}: `
    const lines = [`${this.code} ${place}${this.message}`]
    if (this.excerpt !== undefined) lines.push(this.excerpt)
    if (this.hint !== undefined) lines.push(`hint: ${this.hint}`)
    return lines.join('\n')
  }

  /** The form written where a program reads (`--json`, HTTP bodies). */
  toJSON(): { code: string; message: string; where?: string; hint?: string } {
    return {
      code: this.code,
      message: this.message,
      ...(this.where === undefined ? {} : { where: this.where }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    }
  }
}
