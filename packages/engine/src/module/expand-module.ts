import { StatefunError } from '@statefun/protocol'
import { isMap, isScalar, parseAllDocuments, type Scalar, visit } from 'yaml'
import { expandPlaceholders, hasPlaceholder, type PlaceholderEnv } from './placeholder.ts'
import { formatLocation } from './problem.ts'
import { SourceText } from './source-text.ts'

/**
 * The text of a module.yaml with the placeholders below `spec` replaced, for Flink, which knows none (contract 4.1).
 * Everything else stays as it is, line by line. {@link validateModule} with `placeholders: 'expand'` says before what is wrong.
 *
 * @throws StatefunError `SF_MODULE_PLACEHOLDER` for the first one that cannot be resolved
 */
export function expandModule(
  text: string,
  { file, env = process.env }: { readonly file: string; readonly env?: PlaceholderEnv },
): string {
  const source = new SourceText(text.replace(/^\uFEFF/, ''), file)
  const documents = parseAllDocuments(source.text, {
    lineCounter: source.lines,
    logLevel: 'silent',
    prettyErrors: false,
    uniqueKeys: false,
  })
  let expanded = ''
  let from = 0
  for (const document of documents) {
    const root = document.contents
    const spec = isMap(root) ? root.items.find(({ key }) => isScalar(key) && key.value === 'spec') : undefined
    if (spec?.value === undefined || spec.value === null) continue
    visit(spec.value as Parameters<typeof visit>[0], {
      Scalar(position, node) {
        if (position === 'key' || typeof node.value !== 'string' || !hasPlaceholder(node.value)) return
        const [start, end] = node.range ?? [0, 0]
        const { text: value, faults } = expandPlaceholders(node.value, env)
        if (value === undefined) {
          const location = source.location(start)
          throw new StatefunError('SF_MODULE_PLACEHOLDER', faults[0]?.message ?? 'it cannot be expanded', {
            where: formatLocation(location),
            excerpt: source.excerpt(location),
            ...(faults[0] === undefined ? {} : { hint: faults[0].hint }),
          })
        }
        expanded += source.text.slice(from, start) + scalarText(node, value, source.text.slice(start, end))
        from = end
      },
    })
  }
  return expanded + source.text.slice(from)
}

function scalarText(node: Scalar, value: string, source: string): string {
  // What stood there without quotes may have been meant as a number.
  if (node.type === 'PLAIN' && /^(-?\d+|true|false)$/.test(value)) return value
  // A scalar in block form ends with the line; the text in quotes does not.
  return JSON.stringify(value) + (source.endsWith('\n') ? '\n' : '')
}
