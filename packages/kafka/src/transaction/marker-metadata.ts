import type { Publisher } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'

/** The metadata committed beside the epoch number: `{"lineage":"…","owner":"…"}`. Kafka takes up to 4,096 bytes. */
export function encodeMarkerMetadata({ lineage, owner }: Publisher): string {
  return JSON.stringify({ lineage, owner })
}

/**
 * @param group the marker group, for the message
 * @throws StatefunError `SF_KAFKA_MARKER_FOREIGN` for an offset that this egress never committed
 */
export function decodeMarkerMetadata(metadata: string | null | undefined, group: string): Publisher {
  const found = parse(metadata)
  if (typeof found?.lineage === 'string' && typeof found.owner === 'string') {
    return { lineage: found.lineage, owner: found.owner }
  }
  throw new StatefunError(
    'SF_KAFKA_MARKER_FOREIGN',
    `the offset committed for group ${group} is no marker of an egress: its metadata is ${JSON.stringify(metadata)}`,
    {
      where: `group ${group}`,
      hint: 'see who else uses this group; then delete it, or give the app another name',
    },
  )
}

function parse(metadata: string | null | undefined): Partial<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(metadata ?? '')
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
