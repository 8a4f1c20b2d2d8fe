import {
  decodeKafkaProducerRecord,
  KAFKA_PRODUCER_RECORD,
  StatefunError,
  type TypedValue,
} from '@statefun/protocol'
import type { Sink } from '../connector/sink.ts'
import type { KafkaEgressDefinition } from '../module/model.ts'
import type { MemoryTopics } from './memory-topics.ts'

/** A Kafka egress of module.yaml on in-process topics: a record is delivered when it is written. */
export class MemorySink implements Sink {
  readonly id: string
  readonly saturated = false
  readonly #topics: MemoryTopics

  constructor(definition: KafkaEgressDefinition, topics: MemoryTopics) {
    this.id = definition.id
    this.#topics = topics
  }

  async start(): Promise<void> {}

  write(value: TypedValue): void {
    if (value.typename !== KAFKA_PRODUCER_RECORD) {
      throw new StatefunError(
        'SF_KAFKA_EGRESS_TYPE',
        `a Kafka egress cannot write a value of type ${value.typename}`,
        {
          where: `egress ${this.id}`,
          hint: `give it ${KAFKA_PRODUCER_RECORD}, which the Kafka egress builders of the SDKs make`,
        },
      )
    }
    const record = decodeKafkaProducerRecord(value.value)
    this.#topics.produce(record.topic, {
      key: record.key,
      value: record.value,
      headers: record.headers,
    })
  }

  nudge(): void {}

  async flush(): Promise<void> {}

  async stop(): Promise<void> {}
}
