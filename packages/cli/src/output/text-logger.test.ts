import { afterEach, expect, it, vi } from 'vitest'
import { textLogger } from './text-logger.ts'

afterEach(() => vi.unstubAllEnvs())

const at = () => new Date(2026, 0, 31, 7, 5, 9, 40)

function logged(isTTY: boolean): string {
  let text = ''
  const stream = { isTTY, write: (part: string) => (text += part) }
  const logger = textLogger(stream, 'info', at)
  logger.debug({}, 'not shown')
  logger.warn({ app: 'shop', error: 'boom\nat home' }, 'failed')
  return text
}

it('says date and time in UTC where the log goes elsewhere', () => {
  expect(logged(false)).toBe(`${at().toISOString()} warn  failed  app=shop\n        boom\n        at home\n`)
})

it('says the time of the day on a terminal', () => {
  vi.stubEnv('NO_COLOR', '1')
  expect(logged(true)).toBe('07:05:09 warn  failed  app=shop\n        boom\n        at home\n')
})
