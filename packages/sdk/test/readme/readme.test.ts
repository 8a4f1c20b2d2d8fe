import { readFileSync } from 'node:fs'
import { textType, types } from '@statefun/protocol'
import { expect, it } from 'vitest'
import { createTestKit } from '../../src/testing/index.ts'
import { typed } from '../../src/typed.ts'
import { POST } from './handlers.ts'
import { relay, visits } from './messages.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

it.each(['counter.ts', 'counter.test.ts', 'serve.ts', 'handlers.ts', 'messages.ts'])(
  'the README shows %s as it is here',
  (file) => {
    expect(readme).toContain(`\`\`\`ts\n${readFileSync(new URL(file, import.meta.url), 'utf8')}\`\`\``)
  },
)

it('the handlers answer', async () => {
  expect((await POST(new Request('http://localhost/'))).status).toBe(200)
})

it('the messages run', async () => {
  const kit = createTestKit([visits, relay])
  const line = typed(textType('example/line'), 'home')
  await kit.invoke(relay, 'r', line, { headers: { 'trace-id': 'abc' } })
  const effects = await kit.runUntilIdle()
  expect(kit.state(visits, 'home').pages).toEqual(['home'])
  expect(effects.sends[0]?.as(types.int)).toBe(1)
  expect(effects.sends[0]?.headers.first('trace-id')?.utf8()).toBe('abc')
})
