import type { Counter, MetricRegistry } from '@statefun/engine'

/** What an egress counts for one stream. */
export interface StreamMetrics {
  readonly records: Counter
  readonly bytes: Counter
  readonly requests: Counter
  /** Records that were not taken and are sent again. */
  readonly repeated: Counter
  /** Those of them that came too fast. */
  readonly throttled: Counter
}

/** Registers the counters of a stream. */
export function streamMetrics(registry: MetricRegistry, egress: string, stream: string): StreamMetrics {
  const counter = (name: string, help: string) =>
    registry.counter(`KinesisSink.${name}`, help, { egress, stream })
  return {
    records: counter('numRecordsOut', 'Records that a Kinesis stream has taken'),
    bytes: counter('numBytesOut', 'Bytes of records and partition keys that a Kinesis stream has taken'),
    requests: counter('numRequests', 'PutRecords requests'),
    repeated: counter(
      'numRecordsRepeated',
      'Records that a Kinesis stream did not take and that were sent again',
    ),
    throttled: counter(
      'numRecordsThrottled',
      'Those of them that a Kinesis stream did not take because they came too fast',
    ),
  }
}
