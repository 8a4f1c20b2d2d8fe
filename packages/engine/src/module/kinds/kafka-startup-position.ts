import type { KafkaStartupPosition } from '../model.ts'
import { date } from '../readers/date.ts'
import { type Reader, required } from '../readers/reader.ts'
import { integer } from '../readers/scalars.ts'
import { plainCase, variant, variantCase } from '../readers/variant.ts'
import { readPairs } from './properties.ts'

/** A startup position and the places of the topics it names. */
export interface ReadStartupPosition {
  readonly position: KafkaStartupPosition
  readonly topics: readonly { readonly topic: string; readonly offset: number }[]
}

interface OffsetEntry {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly at: number
}

const recordOffset = integer(0, Number.MAX_SAFE_INTEGER)

/** `- <topic>/<partition>: <offset>`; the last `/` splits (contract 4.3). */
const offsets: Reader<readonly OffsetEntry[]> = {
  doc: { type: 'value', name: 'a list of <topic>/<partition>: <offset>' },
  read(place, context) {
    const pairs = readPairs(place, context)
    if (pairs === undefined) return undefined
    if (pairs.length === 0) {
      const hint = 'write "- <topic>/<partition>: <offset>"'
      return context.error('SF_MODULE_BAD_VALUE', place.node.offset, `${place.path} is an empty list`, hint)
    }
    const entries = new Map<string, OffsetEntry>()
    for (const { entry, path } of pairs) {
      const match = /^(.+)\/(\d{1,9})$/.exec(entry.key)
      if (match === null) {
        const message = `"${entry.key}" is not <topic>/<partition>`
        context.error('SF_MODULE_BAD_VALUE', entry.keyOffset, message, 'write for example orders/0: 5')
        continue
      }
      const offset = recordOffset.read({ node: entry.value, path, keyOffset: entry.keyOffset }, context)
      if (offset === undefined) continue
      const at = entry.keyOffset
      const earlier = entries.get(entry.key)
      if (earlier !== undefined) {
        const message = `${entry.key} is named again at line ${context.location(at).line}, which wins`
        context.warning('SF_MODULE_NO_EFFECT', earlier.at, message)
      }
      entries.set(entry.key, { topic: match[1]!, partition: Number(match[2]), offset, at })
    }
    return [...entries.values()]
  },
}

const plain = (position: KafkaStartupPosition) => plainCase<ReadStartupPosition>({ position, topics: [] })
const DATE_FORM = 'write type: date and date: 2020-02-01 04:15:00.000 +0000'

/** `startupPosition` of a Kafka ingress (contract 4.3). */
export const kafkaStartupPosition: Reader<ReadStartupPosition> = variant({
  cases: {
    'group-offsets': plain({ type: 'group-offsets' }),
    earliest: plain({ type: 'earliest' }),
    latest: plain({ type: 'latest' }),
    'specific-offsets': variantCase({
      fields: { offsets: required(offsets, 'List of <topic>/<partition>: <offset>, not empty.') },
      build: ({ values }): ReadStartupPosition => ({
        position: {
          type: 'specific-offsets',
          offsets: values.offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset })),
        },
        topics: values.offsets.map(({ topic, at }) => ({ topic, offset: at })),
      }),
    }),
    date: variantCase({
      fields: { date: required(date, 'Date of the pattern yyyy-MM-dd HH:mm:ss.SSS Z.') },
      mistakes: { timestamp: DATE_FORM },
      build: ({ values }): ReadStartupPosition => ({
        position: { type: 'date', epochMs: values.date },
        topics: [],
      }),
    }),
  },
  mistakes: {
    'at-timestamp': DATE_FORM,
    timestamp: DATE_FORM,
    groupOffsets: 'write group-offsets',
    'trim-horizon': 'write earliest',
  },
})
