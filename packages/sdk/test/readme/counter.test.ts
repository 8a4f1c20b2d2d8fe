import { testFunction } from '@statefun/sdk/testing'
import { expect, it } from 'vitest'
import { counter } from './counter.ts'

it('counts, greets once and nudges after an hour', async () => {
  const test = testFunction(counter, { id: 'alice' })
  const effects = await test.invoke({ delta: 1 })
  expect(test.state.total).toBe(1n)
  expect(effects.sends).toMatchObject([{ to: 'example/greeter', id: 'alice', value: 'welcome' }])
  expect(effects.egress).toMatchObject([{ topic: 'counter.results', key: 'alice' }])
  expect(test.delayed).toMatchObject([{ delayMs: 3_600_000, token: 'nudge' }])
  await test.advance('30 days')
  expect(test.state.total).toBeUndefined()
})
