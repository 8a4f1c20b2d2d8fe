import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CAPABILITIES, notApplicable, TAGS } from './capability.ts'

test('a test applies where its tags and its own needs are met', () => {
  expect(notApplicable(['kafka', 'headers'], [], ['kafka-headers'], 'x')).toBeUndefined()
  expect(notApplicable(['kafka', 'a tag of the user'], [], [], 'x')).toBeUndefined()
})

test('what is lacking is named, once each', () => {
  expect(
    notApplicable(['kafka', 'headers'], ['exactly-once-egress', 'kafka-headers'], ['kinesis'], 'Flink'),
  ).toBe('not applicable on Flink: it has no headers of Kafka records, no exactly-once Kafka egress')
})

test('the documentation names all of them', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/testing.md'), 'utf8')
  for (const name of [...Object.keys(CAPABILITIES), ...Object.keys(TAGS)])
    expect(page).toContain(`\`${name}\``)
})
