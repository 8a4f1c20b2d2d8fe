import { type ModuleField, moduleFields } from '@statefun/engine'

const TARGETS = { embedded: 'embedded engine', 'flink-apache': 'Apache', 'flink-kzm': 'kzm' } as const

const ABOUT = `---
# Written by \`npm run docs:generate\` from the tables that the parser reads.
editLink: false
---

# module.yaml, field by field

The wiring of an app: documents separated by \`---\`, each with a \`kind\` and a \`spec\`. The embedded engine, Apache StateFun and its
continuation kzm read the same file; **only** says where a field is read at all, elsewhere it is silently ignored.
\`statefun validate\` checks a file with line and column, \`statefun validate --for flink\` says what Flink would refuse, ignore or do
differently.

Editors complete and check the file with its JSON Schema; put this on the first line:

\`\`\`text
# yaml-language-server: $schema=./node_modules/@statefun/engine/module.schema.json
\`\`\`

Placeholders \`\${NAME}\` and \`\${NAME:-default}\` stand for environment variables in any value. Flink knows none: \`statefun deploy\` fills
them in. Durations are \`<number><unit>\`, such as \`30 s\`, \`5 min\`, \`1 day\`; a number alone is milliseconds.
`

/** The reference page of module.yaml. */
export function moduleReference(): string {
  const kinds = [...new Set(moduleFields.map(({ kind }) => kind))]
  const sections = kinds.map((kind) => {
    const fields = moduleFields.filter((field) => field.kind === kind)
    const rows = fields.map((field) => `| ${path(field)} | ${presence(field)} | ${text(field)} |`)
    return `## ${kind}\n\n| field of \`spec\` | default | |\n|---|---|---|\n${rows.join('\n')}\n`
  })
  return `${ABOUT}\n${sections.join('\n')}`
}

function path({ path: own, when }: ModuleField): string {
  return when === undefined ? `\`${own}\`` : `\`${own}\`<br>with \`${when}\``
}

function type({ type: own, values }: ModuleField): string {
  return values === undefined ? escapeCell(own) : `one of ${values.map((value) => `\`${value}\``).join(', ')}`
}

function presence({ required, default: value }: ModuleField): string {
  if (required) return '**required**'
  return value === undefined ? '' : `\`${value}\``
}

function text(field: ModuleField): string {
  const { doc, only } = field
  const where = only === undefined ? '' : ` **Only** ${only.map((target) => TARGETS[target]).join(', ')}.`
  return `${escapeCell(`${doc}${where}`)}<br>Takes ${type(field)}.`
}

/** As the cell of a table that Vue reads. */
function escapeCell(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
