import { isUtf8 } from 'node:buffer'
import {
  KAFKA_PRODUCER_RECORD,
  KafkaRecordView,
  readKafkaProducerRecord,
  StatefunError,
  type TypedValue,
} from '@statefun/protocol'
import type { ProducerSettings } from './properties/producer-properties.ts'
import { recordSizeBound } from './record-batch/batch-builder.ts'
import { BATCH_HEADER_SIZE } from './record-batch/format.ts'

/** Reads the values that functions emit to an egress, and refuses those that no topic can take. */
export class EgressRecords {
  readonly #egress: string
  readonly #maxRequestBytes: number
  readonly #view = new KafkaRecordView()

  constructor(egress: string, settings: Pick<ProducerSettings, 'maxRequestBytes'>) {
    this.#egress = egress
    this.#maxRequestBytes = settings.maxRequestBytes
  }

  /**
   * The record in a value that was checked before.
   *
   * @returns a view that is valid until the next call
   */
  read(bytes: Uint8Array): KafkaRecordView {
    const view = this.#view
    readKafkaProducerRecord(bytes, view)
    // An empty key means none (contract 2.3).
    if (view.keyStart === view.keyEnd) view.keyStart = -1
    return view
  }

  /**
   * The record in a value; its topic's name is not looked at.
   *
   * @returns a view that is valid until the next call
   * @throws StatefunError `SF_EGRESS_TYPE`, `SF_KAFKA_RECORD_TOO_LARGE`, `SF_KAFKA_KEY_INVALID`, `SF_PROTOCOL_MALFORMED`
   */
  checked({ typename, value }: TypedValue): KafkaRecordView {
    if (typename !== KAFKA_PRODUCER_RECORD) {
      throw new StatefunError(
        'SF_EGRESS_TYPE',
        `egress ${this.#egress} takes values of type ${KAFKA_PRODUCER_RECORD}, not of type ${typename}`,
        { hint: 'build the message with the Kafka egress builder of the SDK' },
      )
    }
    const view = this.read(value)
    const sizeBound = recordSizeBound(view)
    if (sizeBound + BATCH_HEADER_SIZE > this.#maxRequestBytes) {
      const limit = `max.request.size is ${this.#maxRequestBytes}`
      throw recordTooLarge(this.#egress, `topic [${view.topic}]`, sizeBound, limit)
    }
    this.#checkKey(view)
    return view
  }

  #checkKey({ bytes, keyStart, keyEnd, topic }: KafkaRecordView): void {
    if (keyStart < 0) return
    let seen = 0
    for (let i = keyStart; i < keyEnd; i++) seen |= bytes[i]!
    if (seen > 0x7f && !isUtf8(bytes.subarray(keyStart, keyEnd))) {
      throw new StatefunError(
        'SF_KAFKA_KEY_INVALID',
        `a record for topic ${topic} of egress ${this.#egress} has a key that is no UTF-8`,
      )
    }
  }
}

/** The error for a record that is too large, by this egress's settings or by the topic's. */
export function recordTooLarge(egress: string, where: string, bytes: number, limit: string): StatefunError {
  return new StatefunError(
    'SF_KAFKA_RECORD_TOO_LARGE',
    `a record of about ${bytes} bytes is too large for egress ${egress}: ${limit}`,
    {
      where,
      hint: "raise the egress's max.request.size and the topic's max.message.bytes, or send less",
    },
  )
}
