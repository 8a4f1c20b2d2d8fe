/**
 * Records to an engine and back, whether its topics are those of a Kafka or of a process.
 *
 * @module
 */
export type { Channel, IncomingRecord, OutgoingRecord } from './channel.ts'
export { deploymentChannel } from './deployment-channel.ts'
export { kafkaChannel } from './kafka-channel.ts'
export { memoryChannel } from './memory-channel.ts'
