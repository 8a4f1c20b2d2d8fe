import { StatefunError, type TypedValue } from '@statefun/protocol'
import { MessageHeaders, NO_HEADERS } from './headers.ts'
import { type AnyValueType, decodeValue, type ValueType } from './value-type.ts'

/** A received message: its type's name, its bytes, and its headers. */
export class Message {
  readonly #argument: TypedValue
  #headers: MessageHeaders | undefined
  #decodedBy: AnyValueType | undefined
  #decoded: unknown

  constructor(argument: TypedValue) {
    this.#argument = argument
  }

  /** `<namespace>/<name>` of the value's type. */
  get typename(): string {
    return this.#argument.typename
  }

  /** The encoded value, shared with the transport: not to be changed. */
  get bytes(): Uint8Array {
    return this.#argument.value
  }

  /** The transport headers in order; empty when the runtime does not carry any (contract 3.6). */
  get headers(): MessageHeaders {
    const { metadata } = this.#argument
    if (metadata === undefined || metadata.length === 0) return NO_HEADERS
    this.#headers ??= new MessageHeaders(metadata)
    return this.#headers
  }

  /** Whether the value is of this type: plain equality of typenames (contract 2.2). Never throws. */
  is(type: AnyValueType): boolean {
    return this.typename === type.typename
  }

  /**
   * The value; decoded once per type.
   *
   * @throws StatefunError `SF_SDK_MESSAGE_TYPE` when the message is of another type, `SF_SDK_MESSAGE_DECODE` when its bytes
   *   are not what the type expects
   */
  as<Out>(type: ValueType<Out, never>): Out {
    if (this.#decodedBy === type) return this.#decoded as Out
    if (this.typename !== type.typename) {
      throw new StatefunError(
        'SF_SDK_MESSAGE_TYPE',
        `the message is a ${this.typename}, not a ${type.typename}`,
        { hint: 'ask with message.is(type) first' },
      )
    }
    return Message.decode(this, type)
  }

  /** As {@link Message.as} for a type whose name is known to be that of the message. */
  static decode<Out>(message: Message, type: ValueType<Out, never>): Out {
    const argument = message.#argument
    let decoded: Out
    try {
      decoded = decodeValue(type, argument)
    } catch (error) {
      throw new StatefunError(
        'SF_SDK_MESSAGE_DECODE',
        `a ${argument.typename} of ${argument.value.length} bytes cannot be decoded: ${StatefunError.from(error).message}`,
        { cause: error },
      )
    }
    message.#decodedBy = type
    message.#decoded = decoded
    return decoded
  }

  /** The wire form, for {@link Context.forward}. */
  static argumentOf(message: Message): TypedValue {
    return message.#argument
  }
}
