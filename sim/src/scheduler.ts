/** Something that will happen; cancelled, it does not. */
export interface Scheduled {
  cancel(): void
}

class Entry implements Scheduled {
  readonly time: number
  readonly order: number
  run: (() => void) | undefined

  constructor(time: number, order: number, run: () => void) {
    this.time = time
    this.order = order
    this.run = run
  }

  cancel(): void {
    this.run = undefined
  }
}

/**
 * Owns time: everything that completes does so by an entry of this queue, one after another. Promises that an entry settles
 * run to their ends before the next entry has its turn.
 */
export class Scheduler {
  /** Milliseconds since the simulation began. */
  now = 0
  /** Entries that ran. */
  steps = 0
  readonly #heap: Entry[] = []
  #order = 0
  #ended = false

  /** Runs `run` in `delay` ms; entries of one moment run in the order in which they were made. */
  after(delay: number, run: () => void): Scheduled {
    const entry = new Entry(this.now + Math.max(delay, 0), this.#order++, run)
    this.#push(entry)
    return entry
  }

  /** Ends {@link run} after the entry that is running. */
  end(): void {
    this.#ended = true
  }

  /** Settles when {@link end} was called or when nothing is left to happen; rejects with what an entry throws. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = () => {
        try {
          const entry = this.#ended ? undefined : this.#next()
          if (entry === undefined) {
            resolve()
            return
          }
          this.now = entry.time
          this.steps++
          entry.run!()
        } catch (error) {
          reject(error)
          return
        }
        // All that is queued as a microtask comes before it.
        setImmediate(step)
      }
      setImmediate(step)
    })
  }

  #next(): Entry | undefined {
    for (;;) {
      const entry = this.#pop()
      if (entry === undefined || entry.run !== undefined) return entry
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  #pop(): Entry | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === first) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last!)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last!
    return first
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order)
}
