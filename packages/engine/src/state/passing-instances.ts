import type { FunctionType } from '../core/function-type.ts'
import type { Instance } from '../core/instance.ts'

const FIRST_CAPACITY = 16

/**
 * A queue of instances that are also found by their key.
 *
 * Nothing but the queue refers to them, and a place in it is emptied or used again: a Map would leave a copy of itself
 * behind for every few thousand that pass, in the old generation, and with it all that it held.
 */
export class PassingInstances {
  /** A ring: the one with number n is at n modulo its length. */
  #ring: (Instance | undefined)[] = emptyRing(FIRST_CAPACITY)
  /** Open addressing: 1 + a place in the ring, or 0. */
  #places = new Int32Array(2 * FIRST_CAPACITY)
  /** Numbers of the oldest and of the next one. */
  #head = 0
  #tail = 0
  /** How many there are. */
  size = 0

  /** @param hash the one that {@link Instance.hash} would be */
  find(hash: number, type: FunctionType, id: string): Instance | undefined {
    const places = this.#places
    const mask = places.length - 1
    for (let at = hash & mask; places[at] !== 0; at = (at + 1) & mask) {
      const instance = this.#ring[places[at]! - 1]!
      if (instance.hash === hash && instance.type === type && instance.id === id) return instance
    }
    return undefined
  }

  /** Adds one that is not among them. */
  push(instance: Instance): void {
    if (this.#tail - this.#head === this.#ring.length) this.#grow()
    const place = this.#tail++ % this.#ring.length
    this.#ring[place] = instance
    this.#put(instance.hash, place)
    this.size++
  }

  /** Takes the oldest out. */
  shift(): Instance | undefined {
    while (this.#head < this.#tail) {
      const instance = this.#ring[this.#head % this.#ring.length]
      if (instance !== undefined) this.delete(instance)
      this.#head++
      if (instance !== undefined) return instance
    }
    return undefined
  }

  /** Takes one out that is among them. */
  delete(instance: Instance): void {
    const places = this.#places
    const ring = this.#ring
    const mask = places.length - 1
    let gap = instance.hash & mask
    while (ring[places[gap]! - 1] !== instance) gap = (gap + 1) & mask
    ring[places[gap]! - 1] = undefined
    // What was pushed behind the gap moves up, so that no search ends there too early.
    for (let at = (gap + 1) & mask; places[at] !== 0; at = (at + 1) & mask) {
      const home = ring[places[at]! - 1]!.hash & mask
      if (((at - home) & mask) < ((at - gap) & mask)) continue
      places[gap] = places[at]!
      gap = at
    }
    places[gap] = 0
    this.size--
  }

  *[Symbol.iterator](): IterableIterator<Instance> {
    for (let number = this.#head; number < this.#tail; number++) {
      const instance = this.#ring[number % this.#ring.length]
      if (instance !== undefined) yield instance
    }
  }

  #put(hash: number, place: number): void {
    const places = this.#places
    const mask = places.length - 1
    let at = hash & mask
    while (places[at] !== 0) at = (at + 1) & mask
    places[at] = place + 1
  }

  #grow(): void {
    const instances = [...this]
    this.#ring = emptyRing(this.#ring.length * 2)
    this.#places = new Int32Array(this.#ring.length * 2)
    this.#head = 0
    this.#tail = 0
    this.size = 0
    for (const instance of instances) this.push(instance)
  }
}

function emptyRing(capacity: number): (Instance | undefined)[] {
  return new Array<Instance | undefined>(capacity).fill(undefined)
}
