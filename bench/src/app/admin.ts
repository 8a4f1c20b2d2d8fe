import { Admin, FetchIsolationLevels, ListOffsetTimestamps } from '@platformatic/kafka'
import { TOPIC_OUT } from './names.ts'

/** Of each topic of a bench. */
export const PARTITIONS = 2

/** A client for topics and offsets, closed with its block. */
export function openAdmin(bootstrap: string): { readonly client: Admin } & AsyncDisposable {
  const client = new Admin({ clientId: 'bench', bootstrapBrokers: [bootstrap] })
  return { client, [Symbol.asyncDispose]: () => client.close() }
}

/**
 * Sum of the ends of the results' partitions as a reader of committed records sees them. Every transaction adds its marker
 * to each partition it wrote to, so this is at least the number of results.
 */
export async function visibleEnd(client: Admin): Promise<number> {
  const topics = await client.listOffsets({
    topics: [
      {
        name: TOPIC_OUT,
        partitions: Array.from({ length: PARTITIONS }, (_, partitionIndex) => ({
          partitionIndex,
          timestamp: ListOffsetTimestamps.LATEST,
        })),
      },
    ],
    isolationLevel: FetchIsolationLevels.READ_COMMITTED,
  })
  let sum = 0
  for (const { partitions } of topics) for (const { offset } of partitions) sum += Number(offset)
  return sum
}
