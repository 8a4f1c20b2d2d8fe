import type { ReadContext } from '../read-context.ts'
import type { ListItem } from '../readers/list.ts'
import { list } from '../readers/list.ts'
import { required } from '../readers/reader.ts'
import { functionType, typename } from '../readers/scalars.ts'
import type { Reference } from './kind.ts'

/** Fields that say where the records of a topic or stream go (contract 6). */
export const routeFields = {
  valueType: required(typename, 'Typename stamped on every value; the bytes are not looked at.'),
  targets: required(list(functionType, { min: 1 }), 'Functions that get each record, in this order.'),
}

/** Targets as references. A target is never secret, but its text may have come out of a placeholder. */
export function references(targets: readonly ListItem<string>[]): readonly Reference[] {
  return targets.map(({ value, shown, offset }) => ({ name: value, shown, offset }))
}

/**
 * Drops the entries of a topic or stream that is named again: the last wins (contract 4.3).
 */
export function lastWins<R>(
  routes: readonly ListItem<R>[],
  nameOf: (route: R) => string,
  context: ReadContext,
): readonly R[] {
  const last = new Map<string, ListItem<R>>()
  for (const item of routes) {
    const name = nameOf(item.value)
    const earlier = last.get(name)
    if (earlier !== undefined) {
      const line = context.location(item.offset).line
      const message = `this entry has no effect: line ${line} names the same again, and the last wins`
      context.warning('SF_MODULE_NO_EFFECT', earlier.offset, message, 'list all targets in one entry')
    }
    last.set(name, item)
  }
  return [...last.values()].map((item) => item.value)
}

/** Warns about the type whose values are a wrapper, where plain text is mostly meant (contract 6). */
export function warnWrappedText(valueType: string, offset: number, context: ReadContext): void {
  if (valueType !== 'io.statefun.types/string') return
  context.warning(
    'SF_MODULE_WRAPPED_TEXT',
    offset,
    'io.statefun.types/string is a wrapper: records of plain text do not decode as it',
    'for text or JSON use a typename of your own, for example example/text, with a raw codec',
  )
}
