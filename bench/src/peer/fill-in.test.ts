import { expect, it } from 'vitest'
import { fillIn } from './fill-in.ts'

it('takes values before defaults, and refuses a name without either', () => {
  const text = `a: \${A}\nb: \${B:-http://h:1/}\nc: {function.name}`
  expect(fillIn(text, { A: 'one' })).toBe('a: one\nb: http://h:1/\nc: {function.name}')
  expect(fillIn(text, { A: 'one', B: 'two' })).toContain('b: two\n')
  expect(() => fillIn(text, {})).toThrow('nothing is given for A')
})
