import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testFunction } from '@statefun/sdk/testing'
import { Greeting, greeter } from './functions.ts'

test('a second visit is a welcome back', async () => {
  const visitor = testFunction(greeter, { id: 'alice' })
  await visitor.invoke({ name: 'Alice' })
  const { egress } = await visitor.invoke({ name: 'Alice' })
  assert.equal(visitor.state.visits, 2)
  assert.deepEqual(egress[0]?.as(Greeting), { greeting: 'Welcome back, Alice!', visits: 2 })
})

test('a visitor needs a name', async () => {
  await assert.rejects(testFunction(greeter).invoke({ name: '' }), { code: 'SF_SDK_VALUE_INVALID' })
})
