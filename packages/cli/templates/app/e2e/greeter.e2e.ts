import { expect, test } from '@statefun/gate/test'
import { Greeting, GreetRequest } from '../functions.ts'

test('whoever comes is welcome', { tags: ['kafka'] }, async ({ kafka }) => {
  const key = crypto.randomUUID()
  await kafka.send('greetings.in', { key, as: GreetRequest, value: { name: 'Alice' } })
  const { value } = await kafka.read('greetings.out', { as: Greeting, match: (record) => record.key === key })
  expect(value).toEqual({ greeting: 'Welcome, Alice!', visits: 1 })
})
