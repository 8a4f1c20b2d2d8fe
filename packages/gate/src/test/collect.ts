/** What {@link collect} found until its time was over. */
export interface Collected<Item> {
  readonly items: readonly Item[]
  /** False when the time was over first. */
  readonly complete: boolean
}

/**
 * Gathers from a stream until there is enough.
 *
 * @param follow begins to read; it ends when the signal aborts
 * @param enough asked after each item
 * @param timeoutMs longest time in milliseconds
 * @throws whatever `follow` throws before that
 */
export async function collect<Item>(
  follow: (signal: AbortSignal) => AsyncIterable<Item>,
  enough: (items: readonly Item[], last: Item) => boolean,
  timeoutMs: number,
): Promise<Collected<Item>> {
  const items: Item[] = []
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(), timeoutMs)
  try {
    for await (const item of follow(over.signal)) {
      items.push(item)
      if (enough(items, item)) return { items, complete: true }
    }
    return { items, complete: false }
  } finally {
    clearTimeout(timer)
    over.abort()
  }
}
