import type { apiVersionsV3, Connection } from '@platformatic/kafka'
import { StatefunError } from '@statefun/protocol'

/** The calls this connector makes, with the one version of each that it speaks; all are in Kafka 3.1 and newer. */
const REQUIRED: readonly (readonly [name: string, key: number, version: number])[] = [
  ['Produce', 0, 9],
  ['Fetch', 1, 12],
  ['ListOffsets', 2, 7],
  ['Metadata', 3, 12],
  ['OffsetCommit', 8, 8],
  ['OffsetFetch', 9, 8],
  ['FindCoordinator', 10, 4],
  ['CreateTopics', 19, 7],
  ['InitProducerId', 22, 4],
  ['AddPartitionsToTxn', 24, 3],
  ['AddOffsetsToTxn', 25, 3],
  ['EndTxn', 26, 3],
  ['TxnOffsetCommit', 28, 3],
]

/** @throws StatefunError `SF_KAFKA_BROKER_TOO_OLD` when the broker does not speak our version of some call */
export async function requireApis(
  connection: Connection,
  address: string,
  ask: typeof apiVersionsV3.api.async,
): Promise<void> {
  const { apiKeys } = await ask(connection, 'statefun', '1.0')
  for (const [name, key, version] of REQUIRED) {
    const offered = apiKeys.find((api) => api.apiKey === key)
    if (offered === undefined || offered.minVersion > version || offered.maxVersion < version) {
      const range = offered === undefined ? 'no version' : `${offered.minVersion} to ${offered.maxVersion}`
      throw new StatefunError(
        'SF_KAFKA_BROKER_TOO_OLD',
        `the broker at ${address} does not speak ${name} version ${version} (it offers ${range})`,
        { hint: 'use Apache Kafka 3.1 or newer' },
      )
    }
  }
}
