import { expect, test } from 'vitest'
import { type RunEvent, RunEvents } from '../../run/run-events.ts'
import type { RunContext } from '../../run/run-observer.ts'
import { tallyOf } from '../../run/tally.ts'
import type { DeploymentAccess } from '../deployment-access.ts'
import { functionImageCheck, type ImageMeasurer } from './function-image-check.ts'

const MEMORY = { own: 23e6, files: 52e6 }

/** What a run tells whose function image is like that. */
async function told(image: Partial<ImageMeasurer>, topology = 'kind'): Promise<readonly RunEvent[]> {
  const seen: RunEvent[] = []
  const events = new RunEvents()
  events.subscribe((event) => seen.push(event))
  const readies = [700, 160, 300]
  const check = functionImageCheck({
    size: async () => 115e6,
    pullSize: async () => 44e6,
    start: async () => ({ ready: readies.shift() ?? 0, cpu: 110, memory: MEMORY }),
    ...image,
  })
  check.begin?.({ events } as RunContext)
  check.deployed?.({ topology } as DeploymentAccess)
  await check.beforeStop?.([])
  return seen
}

test('size, pull, the best start and memory are in the report', async () => {
  const seen = await told({})
  expect(seen.filter(({ type }) => type === 'measured')).toMatchObject([
    {
      what: 'function image',
      measures: [
        { name: 'size', value: 115, unit: 'MB' },
        { name: 'pull', value: 44, unit: 'MB', limit: 45 },
        { name: 'start', value: 0.16, unit: 's', limit: 0.5 },
        { name: 'CPU of a start', value: 0.11, unit: 's' },
        { name: 'memory of its own', value: 23, unit: 'MB' },
        { name: 'memory of files', value: 52, unit: 'MB' },
      ],
    },
  ])
  expect(tallyOf(seen).failed).toBe(0)
  expect(seen.flatMap((event) => (event.type === 'phase-end' ? [event.phase] : [])).toSorted()).toEqual([
    'size of the function image',
    'starts of the function image',
  ])
})

test('one that is too big to pull fails the run', async () => {
  const seen = await told({ pullSize: async () => 50.06e6 })
  expect(tallyOf(seen).failed).toBe(1)
  expect(seen.find(({ type }) => type === 'error')).toMatchObject({
    failure: { message: expect.stringContaining('SF_GATE_IMAGE_SIZE') },
  })
})

test('a slow start is a warning', async () => {
  const seen = await told({ start: async () => ({ ready: 612 }) })
  expect(tallyOf(seen).failed).toBe(0)
  expect(seen.filter(({ type }) => type === 'note')).toMatchObject([
    { level: 'warn', text: 'the function image starts in 0.61 s, the goal is 0.5 s' },
  ])
})

test('what cannot be measured is a phase that failed, and no verdict', async () => {
  const seen = await told({ start: () => Promise.reject(new Error('no room')) })
  expect(tallyOf(seen).failed).toBe(0)
  expect(seen.filter((event) => event.type === 'phase-end' && event.error !== undefined)).toHaveLength(1)
  expect(seen.find(({ type }) => type === 'measured')).toMatchObject({
    measures: [{ name: 'size' }, { name: 'pull' }],
  })
})

test('elsewhere there is no image', async () => {
  expect(await told({}, 'process')).toEqual([])
})
