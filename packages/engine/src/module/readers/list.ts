import { clip, formOf, type Reader } from './reader.ts'
import { reportEmpty } from './scalars.ts'

/** An element of a list with its place. */
export interface ListItem<T> {
  readonly value: T
  /** What messages may show of it, when it is a scalar. */
  readonly shown: string
  readonly offset: number
}

/** A list of at least `min` elements. Elements that are not acceptable are left out (and reported). */
export function list<T>(
  reader: Reader<T>,
  options: { readonly min: number },
): Reader<readonly ListItem<T>[]> {
  return {
    doc: { type: 'list', of: reader.doc },
    read(place, context) {
      const { node, path } = place
      if (node.type === 'empty') return reportEmpty(place, context)
      if (node.type === 'scalar' && node.text === undefined) return undefined
      if (node.type !== 'list') {
        const hint = 'write each element on a line of its own, starting with "- "'
        return context.error(
          'SF_MODULE_BAD_VALUE',
          node.offset,
          `${path} is ${formOf(place)}, not a list`,
          hint,
        )
      }
      if (node.items.length < options.min) {
        return context.error('SF_MODULE_BAD_VALUE', node.offset, `${path} is an empty list`)
      }
      const items: ListItem<T>[] = []
      node.items.forEach((item, index) => {
        const itemPlace = { node: item, path: `${path}[${index}]`, keyOffset: item.offset }
        const value = reader.read(itemPlace, context)
        if (value !== undefined) {
          items.push({ value, shown: item.type === 'scalar' ? clip(item.shown) : '', offset: item.offset })
        }
      })
      return items
    },
  }
}
