import type { Metadata } from '@statefun/protocol'

/** A record of an in-process topic; key and value may be null as in Kafka. */
export interface TopicRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** In order, duplicates kept. */
  readonly headers: readonly Metadata[]
}

/** What a producer gives; text is written as UTF-8, a missing key or value is null. */
export interface NewRecord {
  readonly key?: Uint8Array | string | null | undefined
  readonly value?: Uint8Array | string | null | undefined
  readonly headers?: readonly Metadata[] | undefined
  /** Milliseconds since the epoch; now when left out. */
  readonly timestamp?: number | undefined
  /** By the key's hash when left out, as Kafka's default partitioner does it. */
  readonly partition?: number | undefined
}
