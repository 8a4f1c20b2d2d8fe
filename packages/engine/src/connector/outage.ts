import type { Logger } from '../logger.ts'

/** Logs a trouble once when it begins and once when it is over, however many attempts lie between. */
export class Outage {
  readonly #logger: Logger
  readonly #fields: object
  #since: number | undefined

  constructor(logger: Logger, fields: object) {
    this.#logger = logger
    this.#fields = fields
  }

  began(message: string): void {
    if (this.#since !== undefined) return
    this.#since = Date.now()
    this.#logger.warn(this.#fields, message)
  }

  /** @param message gets ` after N ms` appended */
  ended(message: string): void {
    if (this.#since === undefined) return
    this.#logger.info(this.#fields, `${message} after ${Date.now() - this.#since} ms`)
    this.#since = undefined
  }
}
