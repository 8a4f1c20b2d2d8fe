import { afterAll, beforeAll, inject } from 'vitest'
import { createTopic } from '../../kafka/create-topic.ts'
import { kafkaCases } from '../testing/kafka-cases.ts'
import { BrokerTopics } from './broker-topics.ts'
import { Kafka } from './kafka.ts'

let topics: BrokerTopics
let kafka: Kafka

beforeAll(() => {
  topics = new BrokerTopics(inject('kafkaBootstrap'))
  kafka = new Kafka(topics, 30_000, async () => 'the app is fine')
})
afterAll(() => topics[Symbol.asyncDispose]())

kafkaCases('topics of a broker', () => ({
  kafka,
  vainMs: 5_000,
  createTopic: (name, partitions) => createTopic(inject('kafkaBootstrap'), name, { partitions }),
}))
