import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { wiringOf } from './wiring.ts'

const APP = new URL('../../../../../e2e/app/', import.meta.url)
const text = (name: string) => readFileSync(new URL(name, APP), 'utf8')

test('topics of ingresses and streams of both sides, once each', () => {
  const { topics, streams } = wiringOf(text('module.yaml'), 'module.yaml', {})
  expect(topics).toEqual(
    expect.arrayContaining([
      'counter.commands',
      'counter.commands.ttl',
      'greeter.commands',
      'exact.commands',
    ]),
  )
  expect(new Set(topics).size).toBe(topics.length)
  expect(streams).toEqual(['counter.commands', 'counter.results'])
})

test('a stream has the name that its ARN says', () => {
  expect(wiringOf(text('module.arn.yaml'), 'module.yaml', {})).toEqual({
    topics: [],
    streams: ['counter.commands'],
  })
})
