import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type YAMLMap } from 'yaml'
import { expandPlaceholders, hasPlaceholder, type PlaceholderEnv } from './placeholder.ts'
import type { ReadContext } from './read-context.ts'
import type { SpecEntry, SpecMap, SpecNode, SpecScalar } from './spec-node.ts'

/** Values one document may hold with its aliases written out: a few nested aliases can otherwise mean billions. */
const MAX_NODES = 100_000
const MAX_DEPTH = 64

/**
 * Turns one YAML document into {@link SpecNode}s: aliases resolved, placeholders expanded below `spec` (for Flink, which
 * knows neither, both are reported).
 */
export class DocumentReader {
  readonly #document: Document
  readonly #context: ReadContext
  readonly #env: PlaceholderEnv
  #nodes = 0

  constructor(document: Document, context: ReadContext, env: PlaceholderEnv) {
    this.#document = document
    this.#context = context
    this.#env = env
  }

  /** Undefined when the document is too large once its aliases are written out. */
  read(): SpecNode | undefined {
    const root = this.#node(this.#document.contents, 0, 0, false)
    if (this.#nodes <= MAX_NODES) return root
    const offset = this.#document.range?.[0] ?? 0
    return this.#context.error(
      'SF_MODULE_SYNTAX',
      offset,
      `with its aliases written out the document has more than ${MAX_NODES} values or nests deeper than ${MAX_DEPTH}`,
      'use fewer aliases',
    )
  }

  #node(node: unknown, parentOffset: number, depth: number, expand: boolean): SpecNode {
    if (++this.#nodes > MAX_NODES || depth > MAX_DEPTH) {
      this.#nodes = Number.POSITIVE_INFINITY
      return { type: 'empty', offset: parentOffset }
    }
    if (isAlias(node)) {
      const offset = offsetOf(node) ?? parentOffset
      if (this.#context.forFlink) {
        this.#context.error(
          'SF_MODULE_FLINK_DIFFERS',
          offset,
          `Flink does not resolve the alias "*${node.source}": it reads the text "${node.source}"`,
          'write the value out',
        )
      }
      const target = node.resolve(this.#document)
      if (target !== undefined) return this.#node(target, offset, depth + 1, expand)
      const message = `no anchor "&${node.source}" stands before the alias "*${node.source}"`
      this.#context.error(
        'SF_MODULE_SYNTAX',
        offset,
        message,
        'put quotes around a text that begins with "*"',
      )
      return { type: 'scalar', offset, text: undefined, shown: `*${node.source}` }
    }
    const offset = offsetOf(node) ?? parentOffset
    if (isMap(node)) return this.#map(node, offset, depth, expand)
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#node(item, offset, depth + 1, expand))
      return { type: 'list', offset, items }
    }
    if (!isScalar(node) || node.value === null) return { type: 'empty', offset }
    const shown = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
    if (!expand || typeof node.value !== 'string' || !hasPlaceholder(shown)) {
      return { type: 'scalar', offset, text: shown, shown }
    }
    return this.#expand(shown, offset, node.range?.[1] ?? offset)
  }

  #map(node: YAMLMap, offset: number, depth: number, expand: boolean): SpecMap {
    const entries = new Map<string, SpecEntry>()
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? (pair.key.source ?? String(pair.key.value)) : ''
      const keyOffset = offsetOf(pair.key) ?? offset
      if (entries.has(key)) {
        const message = `the field "${key}" stands twice in one map`
        const hint = 'keep one of the two; Flink would silently take the last'
        this.#context.error('SF_MODULE_DUPLICATE', keyOffset, message, hint)
        continue
      }
      if (expand && hasPlaceholder(key)) this.#refuseInKey(key, keyOffset)
      const below = expand || (depth === 0 && key === 'spec')
      entries.set(key, { key, keyOffset, value: this.#node(pair.value, keyOffset, depth + 1, below) })
    }
    return { type: 'map', offset, entries: [...entries.values()] }
  }

  #refuseInKey(name: string, offset: number): void {
    this.#context.error(
      'SF_MODULE_PLACEHOLDER',
      offset,
      `the name "${name}" holds a placeholder`,
      'placeholders are expanded in values only',
    )
  }

  #expand(shown: string, offset: number, end: number): SpecScalar {
    const markers = [...this.#context.source.text.slice(offset, end).matchAll(/\$?\$\{/g)]
    const place = (index: number) => offset + (markers[index]?.index ?? 0)
    if (!this.#context.expands) {
      this.#context.error(
        'SF_MODULE_PLACEHOLDER',
        place(0),
        'Flink does not expand placeholders: it reads this text as it is',
        'deploy a file in which they are expanded',
      )
    }
    const { text, faults } = expandPlaceholders(shown, this.#env)
    // Whether this machine's environment has the variable says nothing about a file that is only checked for Flink.
    if (this.#context.expands) {
      for (const fault of faults) {
        this.#context.error('SF_MODULE_PLACEHOLDER', place(fault.index), fault.message, fault.hint)
      }
    }
    return { type: 'scalar', offset, text, shown }
  }
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}
