import { StatefunError } from '@statefun/protocol'
import type { IncomingRecord } from '../channel/channel.ts'
import { byTopicAndKey, type RecordedOutput } from './recorded-output.ts'

/** The first difference between two outputs; `undefined` on a side that has nothing there. */
export type Divergence =
  | {
      readonly kind: 'egress'
      readonly topic: string
      readonly key: string
      /** Place among the records of this topic and key, from 0. */
      readonly position: number
      readonly left: IncomingRecord | undefined
      readonly right: IncomingRecord | undefined
    }
  | {
      readonly kind: 'state'
      /** `<function type>/<id> <state>` */
      readonly state: string
      readonly left: string | undefined
      readonly right: string | undefined
    }

/**
 * Compares what two engines made of one stream: the records of every topic and key in order, then what is remembered.
 *
 * @returns of all keys the earliest difference by its place in the key's records, undefined when there is none
 */
export function firstDivergence(left: RecordedOutput, right: RecordedOutput): Divergence | undefined {
  return firstOfEgress(left.egress, right.egress) ?? firstOfState(left.state, right.state)
}

function firstOfEgress(
  left: readonly IncomingRecord[],
  right: readonly IncomingRecord[],
): Divergence | undefined {
  const [lefts, rights] = [byTopicAndKey(left), byTopicAndKey(right)]
  let first: (Divergence & { readonly kind: 'egress' }) | undefined
  for (const group of new Set([...lefts.keys(), ...rights.keys()])) {
    const { topic, key } = (lefts.get(group) ?? rights.get(group))!
    const [ours, theirs] = [lefts.get(group)?.records ?? [], rights.get(group)?.records ?? []]
    const length = Math.min(Math.max(ours.length, theirs.length), first?.position ?? Number.POSITIVE_INFINITY)
    for (let position = 0; position < length; position++) {
      if (sameValue(ours[position], theirs[position])) continue
      first = { kind: 'egress', topic, key, position, left: ours[position], right: theirs[position] }
      break
    }
  }
  return first
}

function firstOfState(
  left: ReadonlyMap<string, string>,
  right: ReadonlyMap<string, string>,
): Divergence | undefined {
  for (const state of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    if (left.get(state) !== right.get(state)) {
      return { kind: 'state', state, left: left.get(state), right: right.get(state) }
    }
  }
  return undefined
}

function sameValue(left: IncomingRecord | undefined, right: IncomingRecord | undefined): boolean {
  return left !== undefined && right !== undefined && Buffer.compare(left.value, right.value) === 0
}

/** How values of a topic are shown; hexadecimal where it does not know. */
export type DescribeValue = (topic: string, value: Uint8Array) => string | undefined

/**
 * @param describe how to show the values
 * @throws StatefunError `SF_GATE_PARITY` with the first difference: coordinates of the records and both values
 */
export function checkParity(
  left: RecordedOutput,
  right: RecordedOutput,
  describe: DescribeValue = () => undefined,
): void {
  const divergence = firstDivergence(left, right)
  if (divergence === undefined) return
  const show = (output: RecordedOutput, text: string) => `${output.engine}: ${text}`
  if (divergence.kind === 'state') {
    throw new StatefunError('SF_GATE_PARITY', 'the engines remember different things', {
      where: divergence.state,
      excerpt: [show(left, divergence.left ?? 'nothing'), show(right, divergence.right ?? 'nothing')].join(
        '\n',
      ),
    })
  }
  const record = (found: IncomingRecord | undefined) => {
    if (found === undefined) return 'no such record'
    const { topic, partition, offset, value } = found
    const shown = describe(topic, value) ?? `0x${Buffer.from(value).toString('hex')}`
    return `topic [${topic}], partition [${partition}], offset [${offset}]: ${shown}`
  }
  throw new StatefunError('SF_GATE_PARITY', 'the engines emit different records', {
    where: `topic [${divergence.topic}], key [${divergence.key}], record ${divergence.position + 1} of this key`,
    excerpt: [show(left, record(divergence.left)), show(right, record(divergence.right))].join('\n'),
  })
}
