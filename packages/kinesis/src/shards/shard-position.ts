import { StatefunError } from '@statefun/protocol'

/**
 * Where reading of a shard goes on.
 *
 * | text in a checkpoint | meaning |
 * | --- | --- |
 * | `trim-horizon` | at the oldest record that is kept |
 * | `timestamp <epoch ms>` | at the first record that arrived then or later |
 * | `after <sequence number>` | behind this record |
 * | `within <sequence number> <n>` | in this aggregated record, behind the first n that it holds |
 * | `closed` | the shard was split or merged, and all its records were taken |
 * | `closed <epoch ms>` | the same, when no record was taken since that `timestamp`: its children start there too |
 */
export type ShardPosition =
  | { readonly at: 'trim-horizon' }
  | { readonly at: 'timestamp'; readonly epochMs: number }
  | { readonly at: 'after'; readonly sequence: string }
  | { readonly at: 'within'; readonly sequence: string; readonly taken: number }
  | { readonly at: 'closed'; readonly since: number | undefined }

export const TRIM_HORIZON: ShardPosition = { at: 'trim-horizon' }

/** As it stands in a checkpoint. */
export function formatPosition(position: ShardPosition): string {
  switch (position.at) {
    case 'trim-horizon':
      return 'trim-horizon'
    case 'timestamp':
      return `timestamp ${position.epochMs}`
    case 'after':
      return `after ${position.sequence}`
    case 'within':
      return `within ${position.sequence} ${position.taken}`
    case 'closed':
      return position.since === undefined ? 'closed' : `closed ${position.since}`
  }
}

const FORMS: readonly (readonly [RegExp, (first: string, second: string) => ShardPosition])[] = [
  [/^trim-horizon$/, () => TRIM_HORIZON],
  [/^timestamp (\d{1,15})$/, (epochMs) => ({ at: 'timestamp', epochMs: Number(epochMs) })],
  [/^after (\d+)$/, (sequence) => ({ at: 'after', sequence })],
  [/^within (\d+) (\d{1,9})$/, (sequence, taken) => ({ at: 'within', sequence, taken: Number(taken) })],
  [/^closed$/, () => ({ at: 'closed', since: undefined })],
  [/^closed (\d{1,15})$/, (since) => ({ at: 'closed', since: Number(since) })],
]

/**
 * Reads a position of a checkpoint.
 *
 * @param where the ingress and shard, for the message
 * @throws StatefunError `SF_KINESIS_POSITION_INVALID`
 */
export function parsePosition(text: string, where: string): ShardPosition {
  for (const [form, read] of FORMS) {
    const match = form.exec(text)
    if (match !== null) return read(match[1] ?? '', match[2] ?? '')
  }
  throw new StatefunError(
    'SF_KINESIS_POSITION_INVALID',
    `the restored position "${text}" is none of a shard`,
    {
      where,
    },
  )
}
