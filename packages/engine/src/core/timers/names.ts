/** Names that are kept; those beyond are spelled out wherever they are used. */
const MOST = 4096

/** Function types and typenames by number: there are few of them, and every record names several. */
export class Names {
  readonly #numbers = new Map<string, number>()
  readonly #names: string[] = []

  /** The number of a name, from 1 on; 0 when it has to be spelled out. */
  numberOf(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    if (this.#names.length === MOST) return 0
    this.#names.push(name)
    this.#numbers.set(name, this.#names.length)
    return this.#names.length
  }

  nameOf(number: number): string {
    return this.#names[number - 1]!
  }
}
