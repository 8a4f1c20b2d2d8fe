import { type Address, formatAddress, StatefunError, type TypedValue } from '@statefun/protocol'
import { MessageHeaders } from '../headers.ts'
import type { ValueType } from '../value-type.ts'
import type { KnownTypes } from './known-types.ts'

/** A message that a function sent. */
export class SentMessage {
  /** The typename of the function it goes to. */
  readonly to: string
  readonly id: string
  /** The typename of its value. */
  readonly type: string
  /** The value decoded by the kit's functions' types and the built-in ones; its bytes when the type is unknown. */
  readonly value: unknown
  readonly #argument: TypedValue

  constructor(target: Address, argument: TypedValue, known: KnownTypes) {
    this.to = `${target.namespace}/${target.type}`
    this.id = target.id
    this.type = argument.typename
    this.value = known.decode(argument.typename, argument.value)
    this.#argument = argument
  }

  get headers(): MessageHeaders {
    return new MessageHeaders(this.#argument.metadata)
  }

  /** The value with its static type. @throws StatefunError `SF_SDK_TEST_TYPE` when it was sent as another type */
  as<Out>(type: ValueType<Out, never>): Out {
    if (this.type === type.typename) return type.deserialize(this.#argument.value)
    const where = formatAddress({ ...splitTypename(this.to), id: this.id })
    throw new StatefunError('SF_SDK_TEST_TYPE', `the message is a ${this.type}, not a ${type.typename}`, {
      where,
    })
  }
}

/** A message that a function sent with a delay. */
export class SentLater extends SentMessage {
  readonly delayMs: number
  readonly token: string | undefined

  constructor(
    target: Address,
    argument: TypedValue,
    known: KnownTypes,
    delayMs: number,
    token: string | undefined,
  ) {
    super(target, argument, known)
    this.delayMs = delayMs
    this.token = token
  }
}

function splitTypename(typename: string): { namespace: string; type: string } {
  const slash = typename.indexOf('/')
  return { namespace: typename.slice(0, slash), type: typename.slice(slash + 1) }
}
