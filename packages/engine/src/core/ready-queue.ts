import type { Instance } from './instance.ts'

/** First in, first out, without moving elements on every removal. */
export class ReadyQueue {
  #items: Instance[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(instance: Instance): void {
    this.#items.push(instance)
  }

  /** The caller has checked {@link size}. */
  shift(): Instance {
    const item = this.#items[this.#head++]!
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  *[Symbol.iterator](): IterableIterator<Instance> {
    for (let at = this.#head; at < this.#items.length; at++) yield this.#items[at]!
  }
}
