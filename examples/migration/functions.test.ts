import { typed, types } from '@statefun/sdk'
import { createTestKit, testFunction } from '@statefun/sdk/testing'
import { expect, it } from 'vitest'
import { counter, relay, reminder, session } from './functions.ts'

it('counts, and answers the relay that asked', async () => {
  const kit = createTestKit([counter, relay])
  await kit.invoke(relay, 'a', 3)
  const effects = await kit.runUntilIdle()
  expect(effects.egress.map((record) => record.text)).toEqual(['3', 'relayed 3'])
})

it('rings once, and not after it was cancelled', async () => {
  const test = testFunction(reminder, { id: 'a' })
  await test.invoke('start 1000')
  expect(test.delayed).toMatchObject([{ delayMs: 1000, token: 'reminder-a' }])
  await test.invoke('cancel')
  expect(test.delayed).toEqual([])
  await expect(test.invoke('stop')).rejects.toThrow('unknown command: stop')
})

it('forgets visits that were long ago', async () => {
  const test = testFunction(session)
  await test.invoke(typed(types.string, 'hello'))
  await test.advance('2 min')
  const [record] = (await test.invoke(typed(types.string, 'hello'))).egress
  expect(record?.text).toBe('1/1')
})
