const SECRET_NAME = String.raw`[\w.\-]*(?:password|passwd|secret|token|credential|jaas|access[._-]?key|api[._-]?key|private)[\w.\-]*`
const MASK = '‹redacted›'

/** `name: value`, `name=value`, `"name": "value"`, as in YAML, properties, JSON and sources; also `- name: value`. */
const SETTING = new RegExp(
  String.raw`^(?<head>.*?(?<![\w.\-])(?<quote>["']?)${SECRET_NAME}\k<quote>\s*[:=]\s*)(?<value>\S.*)$`,
  'i',
)
/** A variable of a container, whose value is a field of its own: on the next line, or further on in JSON. */
const VARIABLE = new RegExp(
  String.raw`^[\s\-]*(?<quote>["']?)name\k<quote>\s*:\s*(?<own>["']?)${SECRET_NAME}\k<own>\s*,?\s*$`,
  'i',
)
const VARIABLE_VALUE = /^(?<head>\s*(?<quote>["']?)value\k<quote>\s*:\s*)(?<value>\S.*)$/
const VARIABLE_IN_JSON = new RegExp(
  String.raw`("(?:name|key)"\s*:\s*"${SECRET_NAME}"\s*,\s*"value"\s*:\s*")(?:\\.|[^"\\])*"`,
  'gi',
)
const USER_IN_URL = /(\b[a-z][\w+.-]*:\/\/)[^\s/@"']+@/gi
/** A setting within a line of a log: its value ends where the next word begins. */
const SETTING_IN_LOG = new RegExp(
  String.raw`(?<![\w.\-])(["']?)(${SECRET_NAME})\1(\s?[:=]\s?)("(?:\\.|[^"\\])*"|'[^']*'|[^\s,;&"'(){}[\]]+)`,
  'gi',
)
/** Credentials of HTTP, and the ids of keys of AWS. */
const CREDENTIALS_IN_LOG = /\b(Bearer|Basic) [\w+/.~-]{8,}={0,2}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g
/** What only points at a secret: placeholders, names of variables, types, containers that go on below. */
const HARMLESS =
  /^(?:["']?\$\{[^}:]*\}["']?|process\.env\b[\w.[\]'"]*|[|>][+-]?\d*|[{[(]|true|false|null|undefined)?[,;]?\s*(?:#.*)?$/

/**
 * A configuration as it may be shown: values whose names sound like secrets, and users in URLs, are replaced. Placeholders
 * stay, as they tell nothing.
 */
export function redact(text: string): string {
  const lines: string[] = []
  let hiddenBelow: number | undefined
  let variable = false
  for (const line of text.replaceAll(VARIABLE_IN_JSON, `$1${MASK}"`).split('\n')) {
    const indent = line.length - line.trimStart().length
    if (hiddenBelow !== undefined && (line.trim() === '' || indent > hiddenBelow)) continue
    hiddenBelow = undefined
    const { head, value } = (variable ? VARIABLE_VALUE.exec(line) : SETTING.exec(line))?.groups ?? {}
    variable = VARIABLE.test(line)
    if (head !== undefined && value !== undefined && /^[|>][+-]?\d*\s*$/.test(value)) {
      // A block of YAML: its lines are the value.
      hiddenBelow = indent
      lines.push(`${head}${MASK}`)
    } else if (head !== undefined && value !== undefined && !HARMLESS.test(value)) {
      lines.push(head + maskValue(value))
    } else {
      lines.push(line.replace(USER_IN_URL, `$1${MASK}@`))
    }
  }
  return lines.join('\n')
}

/** Keeps what follows a quoted value, such as the rest of a line of JSON, as far as it holds no further secret. */
function maskValue(value: string): string {
  const placeholder = /^(["']?\$\{[^}:]*:-?)[^}]*(\}.*)$/.exec(value)
  if (placeholder !== null) return placeholder[1] + MASK + placeholder[2]
  const quoted = /^(["'`])(?:\\.|(?!\1).)*\1/.exec(value)
  if (quoted === null) return MASK
  return `${quoted[1]}${MASK}${quoted[1]}${redact(value.slice(quoted[0].length))}`
}

/**
 * Lines of a log as they may be shown: values that stand after names that sound like secrets, credentials and users in URLs are
 * replaced, the rest of the line stays.
 */
export function redactLog(text: string): string {
  return text
    .replace(SETTING_IN_LOG, `$1$2$1$3${MASK}`)
    .replace(CREDENTIALS_IN_LOG, (_, scheme?: string) => (scheme === undefined ? MASK : `${scheme} ${MASK}`))
    .replace(USER_IN_URL, `$1${MASK}@`)
}
