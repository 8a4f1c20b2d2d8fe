import { expect, it } from 'vitest'
import { formatPosition, parsePosition, type ShardPosition } from './shard-position.ts'

const SEQUENCE = '49590338271490256608559692538361571095921575989136588898'

it.each<[string, ShardPosition]>([
  ['trim-horizon', { at: 'trim-horizon' }],
  ['timestamp 1700000000000', { at: 'timestamp', epochMs: 1_700_000_000_000 }],
  [`after ${SEQUENCE}`, { at: 'after', sequence: SEQUENCE }],
  [`within ${SEQUENCE} 3`, { at: 'within', sequence: SEQUENCE, taken: 3 }],
  ['closed', { at: 'closed', since: undefined }],
  ['closed 1700000000000', { at: 'closed', since: 1_700_000_000_000 }],
])('the position "%s" stands in a checkpoint and comes back', (text, position) => {
  expect(formatPosition(position)).toBe(text)
  expect(parsePosition(text, 'here')).toEqual(position)
})

it.each(['', '42', 'after', 'after x', `within ${SEQUENCE}`, 'closed now', 'latest'])(
  'the text "%s" is refused',
  (text) => {
    expect(() => parsePosition(text, 'ingress a/b, shard [s/1]')).toThrow(
      expect.objectContaining({ code: 'SF_KINESIS_POSITION_INVALID', where: 'ingress a/b, shard [s/1]' }),
    )
  },
)
