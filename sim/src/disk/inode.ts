import type { Random } from '../random.ts'

/** The content of a file, as processes see it and as it would be found after a loss of power. */
export class Inode {
  #bytes: Buffer = Buffer.alloc(0)
  #size = 0
  /** How much of `#bytes` is on the platter. */
  #durable = 0
  /** What the platter holds while a cut into durable bytes is not there yet. */
  #uncut: Buffer | undefined

  get size(): number {
    return this.#size
  }

  append(bytes: Uint8Array): void {
    const size = this.#size + bytes.length
    if (size > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(size, this.#bytes.length * 2, 256))
      this.#bytes.copy(larger, 0, 0, this.#size)
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.#size)
    this.#size = size
  }

  read(into: Uint8Array, position: number): number {
    const end = Math.min(this.#size, position + into.length)
    if (end <= position) return 0
    into.set(this.#bytes.subarray(position, end))
    return end - position
  }

  truncate(bytes: number): void {
    if (bytes >= this.#size) return
    if (bytes < this.#durable) {
      this.#uncut ??= Buffer.from(this.#bytes.subarray(0, this.#durable))
      this.#durable = bytes
    }
    this.#size = bytes
  }

  sync(): void {
    this.#durable = this.#size
    this.#uncut = undefined
  }

  /** Power is gone: of what was not synced, any prefix is left, perhaps with zeros or garbage where the rest was. */
  losePower(random: Random): void {
    if (this.#uncut !== undefined && random.chance(0.5)) {
      this.#bytes = this.#uncut
      this.#size = this.#uncut.length
      this.sync()
      return
    }
    const unsynced = this.#size - this.#durable
    if (unsynced > 0) {
      const kept = this.#durable + random.below(unsynced + 1)
      const fate = random.float()
      if (fate < 0.25) this.#bytes.fill(0, kept, this.#size)
      else if (fate < 0.5) for (let at = kept; at < this.#size; at++) this.#bytes[at] = random.below(256)
      else this.#size = kept
    }
    this.sync()
  }
}
