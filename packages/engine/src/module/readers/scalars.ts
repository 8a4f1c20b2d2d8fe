import { nearestName, parseDuration, StatefunError } from '@statefun/protocol'
import type { ReadContext } from '../read-context.ts'
import type { PlacedNode } from '../spec-node.ts'
import { clip, formOf, type Reader } from './reader.ts'

/** What a scalar's parser reports instead of a value; without the value itself, which may be secret. */
export interface ScalarFault {
  readonly expected: string
  readonly hint?: string
  /** Instead of `"x" is not <expected>`, where the runtime has a text of its own. */
  readonly message?: string
}

/**
 * A reader of one text. `parse` gets the expanded text and what may be shown of it; it returns the value or a fault
 * (`"x" is not <expected>`).
 */
export function scalar<T>(
  name: string,
  parse: (text: string, shown: string) => { readonly value: T } | ScalarFault,
  values?: readonly string[],
): Reader<T> {
  return {
    doc: { type: 'value', name, ...(values === undefined ? {} : { values }) },
    read(place, context) {
      const { node } = place
      if (node.type === 'empty') return reportEmpty(place, context)
      if (node.type !== 'scalar') {
        return context.error(
          'SF_MODULE_BAD_VALUE',
          node.offset,
          `${place.path} is ${formOf(place)}, not ${name}`,
        )
      }
      if (node.text === undefined) return undefined
      const result = parse(node.text, node.shown)
      if ('value' in result) return result.value
      const message = result.message ?? `${place.path}: "${clip(node.shown)}" is not ${result.expected}`
      return context.error('SF_MODULE_BAD_VALUE', node.offset, message, result.hint)
    },
  }
}

/** Reports a field that has a name and no value. */
export function reportEmpty(place: PlacedNode, context: ReadContext): undefined {
  const message = `${place.path} has no value`
  return context.error(
    'SF_MODULE_BAD_VALUE',
    place.keyOffset,
    message,
    'give it a value, or leave an optional field out',
  )
}

/** Any text but the empty one; numbers and booleans are taken as they are written. */
export const text: Reader<string> = scalar('a text', (value) =>
  value === '' ? { expected: 'a text with at least one character' } : { value },
)

/** Text that may be empty, such as the value of a property. */
export const anyText: Reader<string> = scalar('a text', (value) => ({ value }))

/** True when the text is `<namespace>/<name>` with exactly one `/`. */
export function isTypename(value: string): boolean {
  const parts = value.split('/')
  return parts.length === 2 && parts[0] !== '' && parts[1] !== ''
}

const TYPENAME_HINT = 'write <namespace>/<name> with exactly one "/", for example example/counter'

/** `<namespace>/<name>`. */
export const typename: Reader<string> = scalar('a typename', (value) =>
  isTypename(value) ? { value } : { expected: 'a typename', hint: TYPENAME_HINT },
)

/** A function type a record is sent to. */
export const functionType: Reader<string> = scalar('a function type', (value) => {
  if (!isTypename(value)) return { expected: 'a function type', hint: TYPENAME_HINT }
  return value.includes('*')
    ? { expected: 'a function type', hint: 'name one function; "*" is for the functions of an endpoint' }
    : { value }
})

/** Name of a Kafka topic. */
export const topicName: Reader<string> = scalar('a topic name', (value) =>
  /^[A-Za-z0-9._-]{1,249}$/.test(value) && value !== '.' && value !== '..'
    ? { value }
    : { expected: 'a topic name', hint: 'Kafka takes letters, digits, ".", "_" and "-", at most 249' },
)

/** A whole number between two bounds; also as quoted text. */
export function integer(min: number, max: number): Reader<number> {
  return scalar('a whole number', (value) => {
    const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN
    return number >= min && number <= max
      ? { value: number }
      : { expected: `a whole number from ${min} to ${max}` }
  })
}

/** What Java's `int` holds. */
export const INT_MAX = 2_147_483_647
export const INT_MIN = -2_147_483_648

/** `true` or `false`; also as quoted text. */
export const boolean: Reader<boolean> = scalar('true or false', (value) => {
  const folded = value.toLowerCase()
  if (folded === 'true' || folded === 'false') return { value: folded === 'true' }
  return { expected: 'true or false' }
})

function durationReader(zero: boolean): Reader<number> {
  return scalar('a duration', (value) => {
    try {
      const ms = parseDuration(value)
      return ms === 0 && !zero
        ? { expected: 'a duration above 0', hint: 'Timeout durations must be larger than 0' }
        : { value: ms }
    } catch (error) {
      const { hint } = StatefunError.from(error)
      return { expected: 'a duration', ...(hint === undefined ? {} : { hint }) }
    }
  })
}

/** A duration in ms that must not be 0 (contract 4.1). */
export const timeout: Reader<number> = durationReader(false)
/** A duration in ms; 0 is allowed. */
export const duration: Reader<number> = durationReader(true)

/**
 * One of some names.
 *
 * @param options.ignoreCase whether the letter case matters (contract 4 says for each field)
 * @param options.mistakes names often written instead, with what to write
 */
export function oneOf<const V extends string>(
  values: readonly V[],
  options: { readonly ignoreCase?: boolean; readonly mistakes?: Readonly<Record<string, string>> } = {},
): Reader<V> {
  return scalar(
    `one of ${values.join(', ')}`,
    (value, shown) => {
      const wanted = options.ignoreCase === true ? value.toLowerCase() : value
      const found = values.find((candidate) => candidate === wanted)
      if (found !== undefined) return { value: found }
      return { expected: `one of ${values.join(', ')}`, ...nameHint(shown, values, options.mistakes ?? {}) }
    },
    values,
  )
}

/** The hint for an unknown name: the known mistake, or the nearest name. */
export function nameHint(
  shown: string,
  values: readonly string[],
  mistakes: Readonly<Record<string, string>>,
): { readonly hint?: string } {
  if (Object.hasOwn(mistakes, shown)) return { hint: mistakes[shown]! }
  const nearest = nearestName(shown, values)
  return nearest === undefined ? {} : { hint: `did you mean ${nearest}?` }
}
