import { expect, it } from 'vitest'
import { inOrder, publishArguments } from './packed-files.ts'

const file = (name: string, ...needs: string[]) => ({ name, version: '1.0.0', tarball: `${name}.tgz`, needs })

it('puts what others need first', () => {
  const order = inOrder([
    file('cli', 'sdk', 'engine'),
    file('engine', 'protocol'),
    file('sdk', 'protocol'),
    file('protocol'),
  ])
  expect(order.map(({ name }) => name)).toEqual(['protocol', 'engine', 'sdk', 'cli'])
})

it('refuses a circle by name', () => {
  expect(() => inOrder([file('a', 'b'), file('b', 'a')])).toThrow(/circle: a, b/)
})

it('asks for provenance only where a workflow has an identity', () => {
  expect(publishArguments('x.tgz', '1.0.0-rc.1', {})).toEqual(expect.not.arrayContaining(['--provenance']))
  const hosted = publishArguments('x.tgz', '1.0.0', { ACTIONS_ID_TOKEN_REQUEST_URL: 'set' })
  expect(hosted).toEqual(expect.arrayContaining(['--provenance', '--tag=latest', '--access=public']))
})
