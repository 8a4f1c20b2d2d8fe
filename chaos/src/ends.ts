/** What has to be ended, whatever happens: last begun, first ended. */
export class Ends implements AsyncDisposable {
  #ends: (() => Promise<unknown>)[] = []

  add(end: () => Promise<unknown>): void {
    this.#ends.push(end)
  }

  /** Ends everything; what fails does not keep the rest from ending. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = []
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) {
      await end().catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
}
