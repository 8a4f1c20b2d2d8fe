import { expect, it } from 'vitest'
import { newContext } from '../../test/kit.ts'
import { timedOutReport } from './timed-out.ts'

it('counts each transaction that timed out, and warns at ever greater intervals while one is repeated', () => {
  const context = newContext()
  const report = timedOutReport(context, 'test/egress', 60_000)
  const warned: number[] = []
  for (let times = 1; times <= 20; times++) {
    const before = context.logger.lines.length
    report(7, times)
    if (context.logger.lines.length > before) warned.push(times)
  }
  expect(warned).toEqual([2, 4, 8, 16])
  expect(context.logger.lines[0]).toMatch(/^warn .*test\/egress 2 times .*\(60000 ms\).*transactionTimeout/)
  expect(context.metrics.counters).toEqual(
    new Map([['KafkaSink.numTransactionsTimedOut{egress="test/egress"}', 20]]),
  )
})
