import { parseSync, Visitor } from 'oxc-parser'
import { type CheckoutFile, lineOf } from './checkout-files.ts'

/** One mention of another module in a file. */
export interface Import {
  readonly specifier: string
  /** From 1. */
  readonly line: number
  /** `types` is erased when the file runs, `lazy` is loaded when its line runs. */
  readonly kind: 'value' | 'types' | 'lazy'
}

/**
 * Every import and re-export of a TypeScript file, `import('x')` in code and in types included; a computed `import(…)` is
 * left out.
 *
 * @throws Error when the file is no TypeScript
 */
export function importsOf({ path, text }: Pick<CheckoutFile, 'path' | 'text'>): readonly Import[] {
  const { program, errors } = parseSync(path, text)
  const [error] = errors
  if (error !== undefined) throw new Error(`${path}: ${error.message}`)
  const imports: Import[] = []
  const add = (source: { readonly value: string; readonly start: number }, kind: Import['kind']) =>
    imports.push({ specifier: source.value, line: lineOf(text, source.start), kind })
  new Visitor({
    ImportDeclaration: (node) => add(node.source, node.importKind === 'type' ? 'types' : 'value'),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === 'type' ? 'types' : 'value'),
    ExportNamedDeclaration: (node) => {
      if (node.source !== null) add(node.source, node.exportKind === 'type' ? 'types' : 'value')
    },
    ImportExpression: ({ source }) => {
      if (source.type === 'Literal' && typeof source.value === 'string') {
        add({ value: source.value, start: source.start }, 'lazy')
      }
    },
    TSImportType: (node) => add(node.source, 'types'),
  }).visit(program)
  return imports
}

/** The package that a specifier names: `@scope/name` or `name`; undefined for files and Node's own modules. */
export function packageOf(specifier: string): string | undefined {
  if (/^(\.|\/|#|node:|file:|data:|https?:)/.test(specifier)) return undefined
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
