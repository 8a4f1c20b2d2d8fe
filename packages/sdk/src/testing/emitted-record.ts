import {
  decodeKafkaProducerRecord,
  decodeKinesisEgressRecord,
  type EgressMessage,
  KAFKA_PRODUCER_RECORD,
  KINESIS_EGRESS_RECORD,
  type Metadata,
} from '@statefun/protocol'
import { MessageHeaders } from '../headers.ts'
import type { ValueType } from '../value-type.ts'

/** A record that a function emitted. Fields that its kind of egress does not have are undefined. */
export class EmittedRecord {
  /** The egress's id. */
  readonly egress: string
  readonly kind: 'kafka' | 'kinesis' | 'other'
  readonly topic: string | undefined
  readonly key: string | undefined
  readonly stream: string | undefined
  readonly partitionKey: string | undefined
  readonly explicitHashKey: string | undefined
  /** The value's bytes. */
  readonly bytes: Uint8Array
  readonly #headers: readonly Metadata[]

  constructor(message: EgressMessage) {
    this.egress = `${message.egressNamespace}/${message.egressType}`
    const { typename, value } = message.argument
    const kafka = typename === KAFKA_PRODUCER_RECORD ? decodeKafkaProducerRecord(value) : undefined
    const kinesis = typename === KINESIS_EGRESS_RECORD ? decodeKinesisEgressRecord(value) : undefined
    this.kind = kafka !== undefined ? 'kafka' : kinesis !== undefined ? 'kinesis' : 'other'
    this.topic = kafka?.topic
    this.key = kafka?.key
    this.stream = kinesis?.stream
    this.partitionKey = kinesis?.partitionKey
    this.explicitHashKey = kinesis?.explicitHashKey
    this.bytes = kafka?.value ?? kinesis?.value ?? value
    this.#headers = kafka?.headers ?? []
  }

  get headers(): MessageHeaders {
    return new MessageHeaders(this.#headers)
  }

  /** The value as UTF-8 text. */
  get text(): string {
    return new TextDecoder().decode(this.bytes)
  }

  /** The value decoded by a type; records carry no typename of their values, so nothing compares it. */
  as<Out>(type: ValueType<Out, never>): Out {
    return type.deserialize(this.bytes)
  }
}
