/** Environment of placeholders: names and values. */
export type PlaceholderEnv = Readonly<Record<string, string | undefined>>

/** Why a text could not be expanded; `index` counts the `${` of the text, escaped ones too. */
export interface PlaceholderFault {
  readonly index: number
  readonly message: string
  readonly hint: string
}

/** What {@link expandPlaceholders} makes of a text. */
export interface Expansion {
  readonly text: string | undefined
  readonly faults: readonly PlaceholderFault[]
}

const MARKER = /\$?\$\{/g
const BODY = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?$/

/** True when the text holds a placeholder or an escaped one. */
export function hasPlaceholder(text: string): boolean {
  return text.includes('${')
}

/**
 * Replaces `${NAME}` by the variable and `${NAME:-default}` by the default when the variable is unset or empty;
 * `$${` stands for a plain `${`. Values are not expanded again.
 */
export function expandPlaceholders(text: string, env: PlaceholderEnv): Expansion {
  const faults: PlaceholderFault[] = []
  let expanded = ''
  let from = 0
  let index = -1
  for (const marker of text.matchAll(MARKER)) {
    index++
    if (marker.index < from) continue
    expanded += text.slice(from, marker.index)
    from = marker.index + marker[0].length
    if (marker[0] === '$${') {
      expanded += '${'
      continue
    }
    const end = text.indexOf('}', from)
    if (end === -1) {
      faults.push({ index, message: 'a placeholder has no closing "}"', hint: ESCAPE_HINT })
      return { text: undefined, faults }
    }
    const body = text.slice(from, end)
    from = end + 1
    const match = BODY.exec(body)
    if (match === null) {
      faults.push({ index, message: `"\${${body}}" is not a placeholder`, hint: bodyHint(body) })
      continue
    }
    const name = match[1]!
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    const fallback = match[2]
    if (fallback !== undefined) expanded += value === undefined || value === '' ? fallback : value
    else if (value !== undefined) expanded += value
    else {
      faults.push({
        index,
        message: `the environment variable ${name} is not set`,
        hint: `set it, or give a default: \${${name}:-value}`,
      })
    }
  }
  expanded += text.slice(from)
  return { text: faults.length === 0 ? expanded : undefined, faults }
}

const ESCAPE_HINT = `write \${NAME} or \${NAME:-default}; a literal "\${" is written "$\${"`

function bodyHint(body: string): string {
  return body === 'function.name' ? 'write {function.name} without "$"' : ESCAPE_HINT
}
