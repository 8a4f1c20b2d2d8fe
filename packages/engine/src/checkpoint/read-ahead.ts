/** How far {@link readAhead} may go. */
export interface ReadAheadLimits {
  /** Reads under way at once. */
  readonly reads: number
  /** Bytes that are read or wait to be taken; one item may be larger. */
  readonly bytes: number
}

/**
 * Reads items in order, the next ones while the caller works on one.
 *
 * @param items with the bytes that each will take
 */
export async function* readAhead<Item extends { readonly bytes: number }, Content>(
  items: readonly Item[],
  read: (item: Item) => Promise<Content>,
  limits: ReadAheadLimits,
): AsyncGenerator<readonly [Item, Content]> {
  const underWay: { readonly item: Item; readonly content: Promise<Content> }[] = []
  let next = 0
  let bytes = 0
  for (;;) {
    while (
      next < items.length &&
      underWay.length < limits.reads &&
      (underWay.length === 0 || bytes + items[next]!.bytes <= limits.bytes)
    ) {
      const item = items[next++]!
      const content = read(item)
      // It is awaited in its turn; until then a rejection must not count as unhandled.
      content.catch(() => undefined)
      underWay.push({ item, content })
      bytes += item.bytes
    }
    const first = underWay.shift()
    if (first === undefined) return
    yield [first.item, await first.content]
    bytes -= first.item.bytes
  }
}
