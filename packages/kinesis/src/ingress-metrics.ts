import type { Counter, MetricRegistry } from '@statefun/engine'

/** What an ingress counts. */
export interface IngressMetrics {
  /** Records that the engine took, those of aggregates one by one. */
  readonly records: Counter
  /** Bytes of data received. */
  readonly bytes: Counter
  /** Calls that Kinesis refused because there were too many. */
  readonly throttled: Counter
  /** Records of aggregates that were packed for another shard. */
  readonly dropped: Counter
  /** Shows how far a shard is behind until that is undefined; called once a shard. */
  shard(stream: string, shard: string, behindMs: () => number | undefined): void
}

/** Registers the metrics of an ingress. */
export function ingressMetrics(registry: MetricRegistry, ingress: string): IngressMetrics {
  const counter = (name: string, help: string) =>
    registry.counter(`KinesisSourceReader.${name}`, help, { ingress })
  return {
    records: counter('numRecordsIn', 'Records taken from the Kinesis ingress'),
    bytes: counter('numBytesIn', 'Bytes of data that the Kinesis ingress received'),
    throttled: counter('numThrottledCalls', 'Calls of the Kinesis ingress that were refused as too many'),
    dropped: counter(
      'numSubRecordsDropped',
      'Records of aggregates that were packed for another shard; their producer sends them again',
    ),
    shard(stream, shard, behindMs) {
      registry.gauge(
        'KinesisSourceReader.stream.shard.millisBehindLatest',
        'How far the last records received from a shard are behind its end',
        { stream, shard, ingress },
        behindMs,
      )
    },
  }
}
