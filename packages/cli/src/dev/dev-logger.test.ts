import { expect, it } from 'vitest'
import { devLogger } from './dev-logger.ts'

it('reports a failing function once, with the places in the app', () => {
  const lines: string[] = []
  const logger = devLogger('/apps/shop', (level, text) => void lines.push(`${level} ${text}`))
  const error = [
    'TypeError: no',
    '    at handle (file:///apps/shop/functions.ts:3:9)',
    '    at z (file:///apps/shop/node_modules/z/index.js:1:1)',
    '    at listOnTimeout (node:internal/timers:685:17)',
  ].join('\n')
  for (const attempt of [1, 2, 3]) {
    logger.warn({ function: 'a/b', id: 'k', batchSize: 2, attempt, error }, 'function invocation failed')
  }
  expect(lines).toEqual([
    `warn function invocation failed  function=a/b  id=k
        TypeError: no
            at handle (file:///apps/shop/functions.ts:3:9)
        it is tried again; mend the function and save`,
  ])
})
