import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { absolutePlace, openCheckpointPlace } from '../checkpoint/checkpoint-place.ts'
import type { CheckpointPlace } from '../checkpoint/storage.ts'
import { loadModule } from '../module/load-module.ts'
import { checkpointIntervalMs, placeOf } from './checkpoint-options.ts'

const module = (semantic: string) =>
  loadModule(
    `
kind: io.statefun.endpoints.v2/http
spec: { functions: test/*, urlPathTemplate: http://127.0.0.1:1/statefun }
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: test/in
  address: unused:9092
  consumerGroupId: test
  topics: [{ topic: t, valueType: test/v, targets: [test/fn] }]
---
kind: io.statefun.kafka.v1/egress
spec:
  id: test/out
  address: unused:9092
  deliverySemantic: ${semantic}
`,
    { file: 'module.yaml' },
  )
const atLeastOnce = module('{ type: at-least-once }')
const exactlyOnce = module('{ type: exactly-once, transactionTimeout: 15min }')

it('cuts more often when output waits for it', () => {
  expect(checkpointIntervalMs({}, atLeastOnce)).toBe(500)
  expect(checkpointIntervalMs({}, exactlyOnce)).toBe(100)
  expect(checkpointIntervalMs({ interval: '20 ms' }, exactlyOnce)).toBe(20)
  expect(checkpointIntervalMs({ interval: 7 }, atLeastOnce)).toBe(7)
  expect(checkpointIntervalMs({ intervalMs: 9 }, atLeastOnce)).toBe(9)
  expect(() => checkpointIntervalMs({ interval: 'soon' }, atLeastOnce)).toThrow(
    expect.objectContaining({ code: 'SF_DURATION_INVALID' }),
  )
})

it.each([
  ['data', '/app/data'],
  ['../data', '/data'],
  ['/data', '/data'],
  ['file:data', '/app/data'],
  ['file:/data/a b', '/data/a b'],
  [pathToFileURL('/data/ü').href, '/data/ü'],
  ['s3://bucket/prefix?region=eu', 's3://bucket/prefix?region=eu'],
])('makes %s absolute', (place, expected) => {
  expect(absolutePlace(place, '/app')).toBe(expected)
})

it('asks the resolvers for what is no folder', () => {
  const bucket = { url: 'bucket' } as CheckpointPlace
  const resolvers = [() => undefined, (url: URL) => (url.protocol === 's3:' ? bucket : undefined)]
  expect(openCheckpointPlace('s3://bucket/prefix', resolvers)).toBe(bucket)
  expect(openCheckpointPlace('data', resolvers, '/app').url).toBe(join('/app', 'data'))
  const code = expect.objectContaining({ code: 'SF_CHECKPOINT_PLACE' })
  expect(() => openCheckpointPlace('gs://bucket', resolvers)).toThrow(code)
  expect(() => openCheckpointPlace('s3:', [])).toThrow(code)
})

it('takes a place, a folder or a storage', () => {
  const made = { url: 'made' } as CheckpointPlace
  expect(placeOf({ place: made })).toBe(made)
  expect(placeOf({ dir: '/data' })?.url).toBe('/data')
  expect(placeOf({ storage: () => expect.unreachable() })).toBeUndefined()
  expect(() => placeOf({})).toThrow(expect.objectContaining({ code: 'SF_CHECKPOINT_PLACE' }))
})
