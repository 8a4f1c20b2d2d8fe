/**
 * End-to-end tests of an app: Vitest's `test` with what it runs against. The same test runs on every topology and engine.
 *
 * @module
 */
import './provided.ts'

export { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest'
export type { Capability, Tag } from '../topology/capability.ts'
export type {
  AppStatus,
  DeployOptions,
  EngineName,
  PartName,
  StateOfInstance,
  TopologyName,
} from '../topology/topology.ts'
export type { App } from './app.ts'
export type { Decoder, Encoder } from './decoder.ts'
export type { EngineFacts } from './engine.ts'
export type { Faults } from './faults.ts'
export type { HeadersToSend, Kafka, ReadAllOptions, ReadOptions, RecordToSend } from './kafka/kafka.ts'
export { KafkaRecord } from './kafka/kafka-record.ts'
export type { RecordPlace, TopicPositions } from './kafka/topic-access.ts'
export type {
  Kinesis,
  StreamReadAllOptions,
  StreamReadOptions,
  StreamRecord,
  StreamRecordToSend,
} from './kinesis/kinesis.ts'
export type { Bucket, BucketObject } from './s3/bucket.ts'
export { type Fixtures, test } from './test.ts'
