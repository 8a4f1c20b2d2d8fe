import { parseAllDocuments, type YAMLError } from 'yaml'
import { DocumentReader } from './document-reader.ts'
import type { PlaceholderEnv } from './placeholder.ts'
import type { ReadContext } from './read-context.ts'
import type { SpecMap } from './spec-node.ts'

/** The documents of a file. */
export interface ParsedDocuments {
  /** Those that are not empty and were readable. */
  readonly documents: readonly SpecMap[]
  /** False when a document had to be left out. */
  readonly complete: boolean
}

/**
 * Reads the YAML of a module.yaml (contract 4.1). Placeholders are expanded in values below `spec`; for Flink, which
 * knows none, each is reported. Problems go to `context`.
 */
export function parseDocuments(context: ReadContext, env: PlaceholderEnv): ParsedDocuments {
  const { source } = context
  const parsed = parseAllDocuments(source.text, {
    lineCounter: source.lines,
    logLevel: 'silent',
    prettyErrors: false,
    stringKeys: true,
    // The reader of a document does it: the library compares each key of a map with each other one.
    uniqueKeys: false,
  })
  const documents: SpecMap[] = []
  let complete = true
  for (const document of parsed) {
    for (const warning of document.warnings) {
      context.warning(
        'SF_MODULE_SYNTAX',
        warning.pos[0],
        warning.message,
        'leave tags out, plain YAML is meant',
      )
    }
    const readable = reportSyntax(document.errors, context)
    const root = readable ? new DocumentReader(document, context, env).read() : undefined
    if (root === undefined) complete = false
    else if (root.type === 'map') documents.push(root)
    else if (root.type !== 'empty') {
      complete = false
      context.error('SF_MODULE_BAD_VALUE', root.offset, NOT_AN_OBJECT, DOCUMENT_HINT)
    }
  }
  return { documents, complete }
}

const NOT_AN_OBJECT = 'a document of module.yaml is an object with the fields kind and spec'
const DOCUMENT_HINT = 'write each endpoint, ingress and egress as "kind: …" and "spec: …", separated by "---"'

/** True when the document has no errors. */
function reportSyntax(errors: readonly YAMLError[], context: ReadContext): boolean {
  // Only the first: the parser goes on after an error, and what it then finds is mostly its consequence.
  const first = errors[0]
  if (first === undefined) return true
  const message = first.message.replace(/ at line \d+, column \d+:?$/, '')
  context.error('SF_MODULE_SYNTAX', first.pos[0], message, syntaxHint(first, context.source.text))
  return false
}

function syntaxHint(error: YAMLError, text: string): string | undefined {
  const at = error.pos[0]
  if (text.slice(at - 1, at + 1) === '${') return 'put quotes around a placeholder inside of [ ] or { }'
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return 'indent with spaces'
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'put quotes around a value that contains ": "'
    case 'BAD_SCALAR_START':
      return 'put quotes around the value'
    case 'NON_STRING_KEY':
      return 'names of fields are plain text'
    case 'RESOURCE_EXHAUSTION':
      return 'nest less deeply'
    default:
      return undefined
  }
}
