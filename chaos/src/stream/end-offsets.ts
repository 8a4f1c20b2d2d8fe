import { setTimeout as sleep } from 'node:timers/promises'
import { Admin, ListOffsetTimestamps } from '@platformatic/kafka'

const ATTEMPTS = 50
const PAUSE_MS = 100

/** Where the next record of each partition goes, whatever transaction it belongs to; asks again while the broker starts. */
export async function endOffsets(
  bootstrap: string,
  topic: string,
  partitions: number,
): Promise<ReadonlyMap<number, number>> {
  for (let attempt = 1; ; attempt++) {
    const admin = new Admin({ clientId: 'chaos', bootstrapBrokers: [bootstrap], retries: 0 })
    try {
      const [answer] = await admin.listOffsets({
        topics: [
          {
            name: topic,
            partitions: Array.from({ length: partitions }, (_, partitionIndex) => ({
              partitionIndex,
              timestamp: ListOffsetTimestamps.LATEST,
            })),
          },
        ],
      })
      return new Map(answer!.partitions.map(({ partitionIndex, offset }) => [partitionIndex, Number(offset)]))
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
      await sleep(PAUSE_MS)
    } finally {
      await admin.close()
    }
  }
}
