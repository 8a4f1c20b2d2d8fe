/** One entry of `sasl.jaas.config`. */
export interface JaasEntry {
  /** Class name without its package, such as `PlainLoginModule`. */
  readonly loginModule: string
  readonly options: ReadonlyMap<string, string>
}

/**
 * Parses `<class> <control flag> name="value" … ;`, the form of `sasl.jaas.config`. Values are quoted with `"` or `'`, a
 * backslash escapes within quotes, and bare words are accepted.
 *
 * @returns undefined when the text does not have that form
 */
export function parseJaas(text: string): JaasEntry | undefined {
  const head = /^\s*([\w.$]+)\s+(?:required|requisite|sufficient|optional)\b/i.exec(text)
  if (head === null) return undefined
  const option = /\s*([\w.]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|([^\s;"']+))/y
  option.lastIndex = head[0].length
  const options = new Map<string, string>()
  let end = option.lastIndex
  for (let match = option.exec(text); match !== null; match = option.exec(text)) {
    const quoted = match[2] ?? match[3]
    options.set(match[1]!, quoted === undefined ? match[4]! : quoted.replace(/\\(.)/gs, '$1'))
    end = option.lastIndex
  }
  if (!/^\s*;\s*$/.test(text.slice(end))) return undefined
  return { loginModule: head[1]!.slice(head[1]!.lastIndexOf('.') + 1), options }
}
