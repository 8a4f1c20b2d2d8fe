import { describe, expect, test } from 'vitest'
import { parseTagExpression } from './tag-expression.ts'

const KNOWN = ['kafka', 'kinesis', 'chaos', 'smoke', 'invalid-records']
const parse = (expression: string) => parseTagExpression(expression, '--tags', KNOWN)

describe('an expression over tags', () => {
  test.each([
    ['kafka', ['kafka'], true],
    ['kafka', ['kinesis'], false],
    ['not kafka', [], true],
    ['kafka and not chaos', ['kafka', 'chaos'], false],
    ['kafka and not (chaos or smoke)', ['kafka', 'state'], true],
    ['kafka && !(chaos || smoke)', ['kafka', 'smoke'], false],
    ['kinesis or kafka and chaos', ['kinesis'], true],
    ['kinesis or kafka and chaos', ['kafka'], false],
    ['k*', ['kinesis'], true],
    ['NOT kafka AND smoke', ['smoke'], true],
    ['invalid-records', ['invalid-records'], true],
  ])('%s for %j is %s', (expression, tags, matches) => {
    expect(parse(expression)(tags)).toBe(matches)
  })

  test('names the nearest of an unknown tag', () => {
    expect(() => parse('kafka and not choas')).toThrow(
      expect.objectContaining({
        code: 'SF_GATE_UNKNOWN_TAG',
        message: '--tags: there is no tag "choas"',
        hint: 'did you mean "chaos"?',
      }),
    )
    expect(() => parse('x')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('tags are kafka') }),
    )
  })

  test.each([
    ['', 'ends where a tag is expected'],
    ['kafka and', 'ends where a tag is expected'],
    ['(kafka', 'a ")" is missing'],
    ['kafka kinesis', '"and" or "or" is expected before "kinesis"'],
    ['kafka and or kinesis', 'in place of "or"'],
    ['kafka & kinesis', 'is expected before "&"'],
  ])('"%s" is malformed', (expression, message) => {
    expect(() => parse(expression)).toThrow(
      expect.objectContaining({ code: 'SF_GATE_TAGS', message: expect.stringContaining(message) }),
    )
  })
})
