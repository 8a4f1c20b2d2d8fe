import { nearestName, StatefunError } from '@statefun/protocol'
import type { Logger } from '../logger.ts'
import type { PropertyList } from '../module/model.ts'

const SECRET = /password|jaas|keystore\.key|secret|token/i

/**
 * Reads the properties that an ingress or egress has for its client, under the names of the Java client's. It remembers
 * what was asked for, so that everything else can be named in one warning. Values of secrets are never put into a message.
 */
export class PropertyReader {
  readonly #values: ReadonlyMap<string, string>
  readonly #asked = new Set<string>()
  readonly #idle = new Map<string, string>()
  readonly #owner: string
  readonly #code: string

  /**
   * @param properties a name given twice: the last one counts
   * @param owner the ingress or egress, for messages
   * @param code of the error for a value that cannot be used
   */
  constructor(properties: PropertyList, owner: string, code: string) {
    this.#values = new Map(properties)
    this.#owner = owner
    this.#code = code
  }

  /** The text, undefined when it is absent. */
  text(name: string): string | undefined {
    this.#asked.add(name)
    return this.#values.get(name)
  }

  /** @throws StatefunError {@link invalid} when it is no whole number or below `least` */
  integer(name: string, fallback: number, least = 0): number {
    const text = this.text(name)?.trim()
    if (text === undefined) return fallback
    const value = Number(text)
    if (text === '' || !Number.isSafeInteger(value) || value < least) {
      throw this.invalid(name, `a whole number from ${least} up`)
    }
    return value
  }

  /** @throws StatefunError {@link invalid} unless it is `true` or `false`, in any case */
  flag(name: string, fallback: boolean): boolean {
    return this.choice(name, { true: true, false: false }, fallback)
  }

  /**
   * One of the keys of `choices`, in any case, as its value.
   *
   * @throws StatefunError {@link invalid} for anything else
   */
  choice<T>(name: string, choices: Readonly<Record<string, T>>, fallback: T): T {
    const text = this.text(name)?.trim().toLowerCase()
    if (text === undefined) return fallback
    for (const [key, value] of Object.entries(choices)) if (key.toLowerCase() === text) return value
    throw this.invalid(name, `one of ${Object.keys(choices).join(', ')}`)
  }

  /** Names with this prefix mean nothing for the reason given, such as `ssl.` without TLS. */
  idle(prefix: string, reason: string): void {
    this.#idle.set(prefix, reason)
  }

  /** These names mean nothing for the reason given, though they were asked for. */
  disregard(names: readonly string[], reason: string): void {
    for (const name of names) {
      this.#asked.delete(name)
      this.#idle.set(name, reason)
    }
  }

  /** The error for a value that cannot be used; `expected` completes "must be …". */
  invalid(name: string, expected: string, cause?: unknown): StatefunError {
    const shown = SECRET.test(name) ? '' : ` "${this.#values.get(name) ?? ''}"`
    return new StatefunError(
      this.#code,
      `property ${name}${shown} of ${this.#owner} must be ${expected}`,
      cause === undefined ? {} : { cause },
    )
  }

  /**
   * Warns once about all properties that nobody asked for.
   *
   * @param withoutEffect names of the Java client that are legal but mean nothing here
   */
  warnUnused(logger: Logger, withoutEffect: ReadonlySet<string>): void {
    const known = [...this.#asked, ...withoutEffect]
    const parts: string[] = []
    for (const name of this.#values.keys()) {
      if (this.#asked.has(name)) continue
      const idle = [...this.#idle].find(([prefix]) => name.startsWith(prefix))
      if (idle !== undefined) {
        parts.push(`${name} (has no effect ${idle[1]})`)
        continue
      }
      if (withoutEffect.has(name)) {
        parts.push(`${name} (has no effect in this engine)`)
        continue
      }
      const nearest = nearestName(name, known)
      parts.push(nearest === undefined ? `${name} (unknown)` : `${name} (unknown; did you mean ${nearest}?)`)
    }
    if (parts.length > 0) {
      logger.warn(
        { owner: this.#owner },
        `properties of ${this.#owner} that are not used: ${parts.join(', ')}`,
      )
    }
  }
}
