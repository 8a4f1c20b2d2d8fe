import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LogWatch } from './log-watch.ts'
import { trimLog } from './trim-log.ts'

let folder: string
let watch: LogWatch
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statefun-logs-'))
  watch = new LogWatch(join(folder, 'logs'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function say(log: string, text: string, at: number): void {
  mkdirSync(join(folder, 'logs', 'flink'), { recursive: true })
  appendFileSync(join(folder, 'logs', log), text)
  watch.look(at)
}

test('lines have the moment at which they were first there, whatever they look like', () => {
  watch.look(500)
  say('broker.log', 'before\n', 1000)
  say('flink/worker.log', '{"level":30}\n', 1500)
  say('broker.log', 'meanwhile\n\n', 2000)
  say('broker.log', 'also\nha', 2400)
  say('broker.log', 'lf\nafter\n', 3000)
  expect(watch.names()).toEqual(['broker.log', 'flink/worker.log'])
  expect(watch.window('broker.log', 1000, 2999)).toEqual({
    lines: [
      { at: 2000, text: 'meanwhile' },
      { at: 2400, text: 'also' },
      { at: 2400, text: 'ha' },
    ],
    omitted: 0,
  })
  expect(watch.window('flink/worker.log', 0, 9999).lines).toEqual([{ at: 1500, text: '{"level":30}' }])
  expect(watch.window('flink/worker.log', 1500, 9999)).toEqual({ lines: [], omitted: 0 })
  expect(watch.window('unknown.log', 0, 9999)).toEqual({ lines: [], omitted: 0 })
  expect(watch.growth().slice(0, 2)).toEqual([
    { at: 1000, log: 'broker.log', bytes: 7 },
    { at: 2000, log: 'broker.log', bytes: 11 },
  ])
})

test('a window shows its beginning and its end, and counts what is between', () => {
  const lines = Array.from({ length: 1000 }, (_, number) => `line ${number}`)
  say('a.log', `${lines.join('\n')}\n`, 1000)
  const { lines: shown, omitted } = watch.window('a.log', 0, 1000)
  expect(shown.length + omitted).toBe(1000)
  expect([shown[0]?.text, shown.at(-1)?.text]).toEqual(['line 0', 'line 999'])
  const long = Array.from({ length: 20_000 }, (_, number) => `long line number ${number} of many`)
  say('b.log', `${long.join('\n')}\n`, 2000)
  const window = watch.window('b.log', 0, 2000)
  expect([window.lines[0]?.text, window.lines.at(-1)?.text]).toEqual([long[0], long.at(-1)])
  // Lines at the two cuts are not whole.
  expect(Math.abs(window.lines.length + window.omitted - 20_000)).toBeLessThanOrEqual(2)
})

test('a log that was deleted has nothing to say', () => {
  say('a.log', 'gone\n', 1000)
  rmSync(join(folder, 'logs', 'a.log'))
  watch.look(2000)
  expect(watch.window('a.log', 0, 2000)).toEqual({ lines: [], omitted: 0 })
})

test('a long log keeps its beginning and its end', async () => {
  const path = join(folder, 'long.log')
  writeFileSync(path, `begin${'x'.repeat(5000)}end`)
  expect(await trimLog(path, 10_000)).toBe(false)
  expect(await trimLog(path, 100)).toBe(true)
  const { readFileSync } = await import('node:fs')
  expect(readFileSync(path, 'utf8')).toMatch(/^beginx{45}\n… 4908 bytes were left out here …\nx{47}end$/)
})
