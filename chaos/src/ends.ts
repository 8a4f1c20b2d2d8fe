/** What has to be ended, whatever happens: last begun, first ended. */
export class Ends implements AsyncDisposable {
  readonly #ends: (() => Promise<unknown>)[] = []
  #over = false

  /** True once everything was told to end. */
  get over(): boolean {
    return this.#over
  }

  /** What comes after the end is ended at once. */
  add(end: () => Promise<unknown>): void {
    if (this.#over) void end().catch(() => undefined)
    else this.#ends.push(end)
  }

  /** Ends everything; what fails does not keep the rest from ending. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true
    const failures: unknown[] = []
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) {
      await end().catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
}
