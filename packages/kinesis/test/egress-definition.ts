import type { KinesisEgressDefinition } from '@statefun/engine'

/** An egress with the defaults of module.yaml. */
export function egress(changes: Partial<KinesisEgressDefinition> = {}): KinesisEgressDefinition {
  return {
    kind: 'io.statefun.kinesis.v1/egress',
    id: 'test/egress',
    awsRegion: { type: 'default' },
    awsCredentials: { type: 'default' },
    maxOutstandingRecords: 1000,
    streamName: undefined,
    clientConfigProperties: [],
    location: { file: 'module.yaml', line: 7, column: 3 },
    ...changes,
  }
}
