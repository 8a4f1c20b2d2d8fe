import type { Address, Invocation } from '../messages.ts'
import { readAddress } from './address.ts'
import type { Reader } from './reader.ts'
import { readTypedValue } from './typed-value.ts'
import { NO_VALUE_VIEW, type TypedValueView } from './typed-value-view.ts'

/**
 * Reads the invocations of a batch. One that is as long as the one before, and the same up to the value at its very end,
 * says the same but for the value: then neither caller nor typename are decoded again.
 */
export class InvocationReader {
  readonly #reader: Reader
  /** What was decoded last, where it started, and its length: -1 when its value was not at its end. */
  #caller: Address | undefined
  #argument: TypedValueView = NO_VALUE_VIEW
  #start = 0
  #length = -1

  constructor(reader: Reader) {
    this.#reader = reader
  }

  /** @throws StatefunError `SF_PROTOCOL_MALFORMED` */
  read(tag: number): Invocation {
    const reader = this.#reader
    const outer = reader.enter(tag, 'ToFunction.InvocationBatchRequest.invocations')
    const start = reader.pos
    const end = reader.end
    if (end - start === this.#length) {
      const head = this.#argument.start - this.#start
      if (reader.repeats(this.#start, head)) {
        reader.pos = end
        reader.end = outer
        return { caller: this.#caller, argument: this.#argument.at(start + head, end) }
      }
    }
    this.#decode()
    this.#start = start
    this.#length = this.#argument.end === end ? end - start : -1
    reader.end = outer
    return { caller: this.#caller, argument: this.#argument }
  }

  #decode(): void {
    const reader = this.#reader
    let caller: Address | undefined
    let argument: TypedValueView | undefined
    while (reader.pos < reader.end) {
      const tag = reader.tag('ToFunction.Invocation')
      switch (tag >>> 3) {
        case 1:
          caller = readAddress(reader, tag, 'ToFunction.Invocation.caller', caller)
          break
        case 2:
          argument = readTypedValue(reader, tag, 'ToFunction.Invocation.argument', argument)
          break
        default:
          reader.skip(tag, 'ToFunction.Invocation')
      }
    }
    this.#caller = caller
    this.#argument = argument ?? NO_VALUE_VIEW
  }
}
