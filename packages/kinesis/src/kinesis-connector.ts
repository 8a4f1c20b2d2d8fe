import type { Connector } from '@statefun/engine'
import { kinesisSink } from './kinesis-sink.ts'
import { KinesisSource } from './kinesis-source.ts'

/**
 * Connector for `io.statefun.kinesis.v1/ingress` and `io.statefun.kinesis.v1/egress` (contract 4.5). Creating a source or
 * sink opens no connection.
 *
 * Creating one throws StatefunError `SF_KINESIS_PROPERTY_INVALID` for `clientConfigProperties` that cannot be used.
 */
export function kinesisConnector(): Connector {
  return {
    createSource(definition, context) {
      if (definition.kind !== 'io.statefun.kinesis.v1/ingress') return undefined
      return new KinesisSource(definition, context)
    },
    createSink(definition, context) {
      if (definition.kind !== 'io.statefun.kinesis.v1/egress') return undefined
      return kinesisSink(definition, context)
    },
  }
}
