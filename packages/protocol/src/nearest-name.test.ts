import { describe, expect, it } from 'vitest'
import { nearestName } from './nearest-name.ts'

describe('nearestName', () => {
  it.each([
    ['adress', ['id', 'address'], 'address'],
    ['maxNumBatchReqests', ['maxNumBatchRequests', 'functions'], 'maxNumBatchRequests'],
    ['groupOffsets', ['group-offsets', 'earliest'], 'group-offsets'],
    ['AT_LEAST_ONCE', ['exactly-once', 'at-least-once'], 'at-least-once'],
    ['ealriest', ['earliest', 'latest'], 'earliest'],
    ['di', ['id'], 'id'],
  ])('%s of %j is %s', (name, candidates, nearest) => {
    expect(nearestName(name, candidates)).toBe(nearest)
  })

  it('prefers the nearer of two', () => {
    expect(nearestName('topic', ['topics', 'topic-a'])).toBe('topics')
  })

  it.each(['banana', 'x', '', 'a'.repeat(1_000_000)])('finds nothing close to %s', (name) => {
    expect(nearestName(name, ['address', 'consumerGroupId'])).toBeUndefined()
  })
})
