export type { AdminRoute } from './admin/admin-server.ts'
export {
  absolutePlace,
  folderPlace,
  openCheckpointPlace,
  type PlaceResolver,
} from './checkpoint/checkpoint-place.ts'
export { lockFolder } from './checkpoint/file-lock.ts'
export { FileStorage, type FileStorageOptions } from './checkpoint/file-storage.ts'
export type { FileSystem, OpenFile } from './checkpoint/file-system.ts'
export { nodeFileSystem } from './checkpoint/node-file-system.ts'
export { type ObjectPlaceOptions, objectPlace } from './checkpoint/object-place.ts'
export { ObjectStorage, type ObjectStorageOptions } from './checkpoint/object-storage.ts'
export type { ObjectEntry, ObjectStore } from './checkpoint/object-store.ts'
export { type InstanceSummary, readInstance } from './checkpoint/read-instance.ts'
export {
  type CopiedCheckpoint,
  type CopyOptions,
  restoreSavepoint,
  writeSavepoint,
} from './checkpoint/savepoint.ts'
export type {
  BaseWriter,
  CheckpointIdentity,
  CheckpointListing,
  CheckpointPlace,
  CheckpointReader,
  CheckpointStorage,
  CheckpointWriter,
  FramesOptions,
  LocatedFrame,
  LogInfo,
  NewCheckpoint,
  RecoveryReport,
  SnapshotInfo,
} from './checkpoint/storage.ts'
export {
  type CheckpointSummary,
  type FunctionSummary,
  type OutboxSummary,
  type PositionSummary,
  summarizeCheckpoint,
} from './checkpoint/summarize-checkpoint.ts'
export { type VerifiedSnapshot, verifyCheckpoint } from './checkpoint/verify-checkpoint.ts'
export { type Clock, systemClock } from './clock.ts'
export { backoffMs } from './connector/backoff.ts'
export type { Connector, ConnectorContext } from './connector/connector.ts'
export {
  handleInvalidRecord,
  type InvalidRecord,
  type RecordDefect,
  recordDefect,
  refusedRecordText,
  skippedRecordText,
} from './connector/invalid-record.ts'
export { InvalidRecordCounters } from './connector/invalid-record-counters.ts'
export {
  type CheckedKinesisRecord,
  checkedKinesisRecord,
  type KinesisRecordRules,
  kinesisRecordWhere,
} from './connector/kinesis-record.ts'
export { Outage } from './connector/outage.ts'
export { partitionForKey } from './connector/partitioner.ts'
export { PropertyReader } from './connector/property-reader.ts'
export type { Sink, SinkListener } from './connector/sink.ts'
export type { ByteRange, Route, Source, SourceListener, SourcePartition } from './connector/source.ts'
export {
  FENCED,
  isTransactional,
  type Marker,
  type Publisher,
  type TransactionalSink,
} from './connector/transactional-sink.ts'
export type { CheckpointOptions } from './engine/checkpoint-options.ts'
export {
  type AdminOptions,
  Engine,
  type EngineOptions,
  type LimitOptions,
  type RestartOptions,
  startEngine,
} from './engine/engine.ts'
export type { StateEntry } from './engine/read-state.ts'
export type { StateOptions } from './engine/state-options.ts'
export { type Logger, silentLogger } from './logger.ts'
export { ingressTopics } from './memory/ingress-topics.ts'
export { memoryConnector } from './memory/memory-connector.ts'
export { MemoryTopics, type MemoryTopicsOptions, type TopicCursor } from './memory/memory-topics.ts'
export {
  type HeaderJson,
  type NewRecordJson,
  type RecordJson,
  recordFromJson,
  recordToJson,
} from './memory/record-json.ts'
export type { NewRecord, TopicRecord } from './memory/topic-record.ts'
export { serveTopics } from './memory/topics-http.ts'
export type { Counter, Histogram, Labels, MetricRegistry } from './metrics/registry.ts'
export * from './module/index.ts'
export { playgroundConnector } from './playground/playground-connector.ts'
export { PLAYGROUND_RECORD_TYPENAME } from './playground/playground-egress.ts'
export type { PlaygroundOptions } from './playground/playground-server.ts'
export type { AttemptObserver, Transport } from './transport/transport.ts'
