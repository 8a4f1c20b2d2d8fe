/** An element of markup with its attributes, entities resolved. */
export interface FoundElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

const VOID = new Set(['meta', 'link', 'br', 'hr', 'img', 'input'])
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  '#10': '\n',
  '#9': '\t',
}

/**
 * Reads HTML or XML as our reports write it, far stricter than a browser: every element is closed in order, attributes are
 * quoted, no bare `<` or `&` is in text.
 *
 * @throws Error that names the place
 */
export function elements(markup: string): readonly FoundElement[] {
  const found: FoundElement[] = []
  const open: string[] = []
  let rest = markup.replace(/^<!doctype html>|^<\?xml [^>]*\?>/, '').replace(/<style>[^<]*<\/style>/, '')
  while (rest !== '') {
    const text = /^[^<]+/.exec(rest)?.[0]
    if (text !== undefined) {
      resolve(text)
      rest = rest.slice(text.length)
      continue
    }
    const end = /^<\/([a-z][a-z0-9-]*)>/.exec(rest)
    const begin = /^<([a-z][a-z0-9]*(?:-[a-z]+)?)((?: [a-z-]+(?:="[^"<]*")?)*) ?(\/?)>/.exec(rest)
    if (end !== null) {
      const expected = open.pop()
      if (expected !== end[1]) throw new Error(`</${end[1]}> closes <${expected}>: ${rest.slice(0, 80)}`)
      rest = rest.slice(end[0].length)
    } else if (begin !== null) {
      const [all, name = '', attributes = '', closed] = begin
      found.push({ name, attributes: read(attributes) })
      if (closed === '' && !VOID.has(name)) open.push(name)
      rest = rest.slice(all.length)
    } else {
      throw new Error(`no markup: ${rest.slice(0, 80)}`)
    }
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(', ')}`)
  return found
}

function read(attributes: string): Record<string, string> {
  return Object.fromEntries(
    [...attributes.matchAll(/ ([a-z-]+)(?:="([^"]*)")?/g)].map(([, name = '', value = '']) => [
      name,
      resolve(value),
    ]),
  )
}

function resolve(text: string): string {
  return text.replace(/&([^;]*;)?/g, (all, entity: string | undefined) => {
    const character = ENTITIES[(entity ?? '').slice(0, -1)]
    if (character === undefined) throw new Error(`no entity: ${all}`)
    return character
  })
}
