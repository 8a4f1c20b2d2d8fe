import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { logTail } from './log-tail.ts'

const folder = mkdtempSync(join(tmpdir(), 'statefun-log-tail-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('the tail of a long log is its last lines', () => {
  const path = join(folder, 'long.log')
  writeFileSync(path, Array.from({ length: 50_000 }, (_, line) => `line ${line}\n`).join(''))
  expect(logTail(path, 2)).toBe('line 49998\nline 49999')
})

test('a short log is shown whole, a missing one as nothing', () => {
  const path = join(folder, 'short.log')
  writeFileSync(path, 'only\n')
  expect(logTail(path)).toBe('only')
  expect(logTail(join(folder, 'missing.log'))).toBe('')
})
