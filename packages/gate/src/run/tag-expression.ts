import { nearestName, StatefunError } from '@statefun/protocol'
import { literalPattern } from './literal-pattern.ts'

/** Tells whether tags match an expression. */
export type TagFilter = (tags: readonly string[]) => boolean

/**
 * Reads an expression over tags in Vitest's own syntax: names, in which `*` stands for any letters, with `and`, `or`, `not`
 * (or `&&`, `||`, `!`) and parentheses; `and` binds tighter than `or`.
 *
 * @param option where it was given, for messages: `--tags`
 * @param known the tags that there are
 * @throws StatefunError `SF_GATE_TAGS` when it is malformed, `SF_GATE_UNKNOWN_TAG` with the nearest name
 * @example parseTagExpression('kafka and not (chaos or smoke)', '--tags', tags)(['kafka']) // true
 */
export function parseTagExpression(expression: string, option: string, known: readonly string[]): TagFilter {
  const words = [...expression.matchAll(/\(|\)|!|&&|\|\||[^\s()!&|]+|[&|]/g)].map(([word]) => word)
  let at = 0
  const malformed = (what: string) =>
    new StatefunError('SF_GATE_TAGS', `${option} "${expression}": ${what}`, {
      hint: `write it such as ${option} "kafka and not (chaos or smoke)"`,
    })
  const takes = (...operators: string[]) => {
    if (!operators.includes(words[at]?.toLowerCase() ?? '')) return false
    at++
    return true
  }
  const any = (): TagFilter => {
    const parts = [all()]
    while (takes('or', '||')) parts.push(all())
    return (tags) => parts.some((part) => part(tags))
  }
  const all = (): TagFilter => {
    const parts = [one()]
    while (takes('and', '&&')) parts.push(one())
    return (tags) => parts.every((part) => part(tags))
  }
  const one = (): TagFilter => {
    if (takes('not', '!')) {
      const part = one()
      return (tags) => !part(tags)
    }
    if (takes('(')) {
      const part = any()
      if (!takes(')')) throw malformed('a ")" is missing')
      return part
    }
    const name = words[at++]
    if (name === undefined) throw malformed('it ends where a tag is expected')
    if (/^(?:and|or|\)|&&?|\|\|?)$/i.test(name)) throw malformed(`a tag is expected in place of "${name}"`)
    return named(name, option, known)
  }
  const filter = any()
  if (at < words.length) throw malformed(`"and" or "or" is expected before "${words[at]}"`)
  return filter
}

function named(name: string, option: string, known: readonly string[]): TagFilter {
  const pattern = new RegExp(`^${name.split('*').map(literalPattern).join('.*')}$`)
  if (!known.some((tag) => pattern.test(tag))) {
    const nearest = nearestName(name, known)
    throw new StatefunError('SF_GATE_UNKNOWN_TAG', `${option}: there is no tag "${name}"`, {
      hint: nearest === undefined ? `tags are ${known.join(', ')}` : `did you mean "${nearest}"?`,
    })
  }
  return (tags) => tags.some((tag) => pattern.test(tag))
}
