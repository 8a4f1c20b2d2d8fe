import type { ConnectorContext } from '@statefun/engine'

/**
 * Counts transactions that the broker ended at their timeout, and says so when one publication is ended again and again: the
 * second time, the fourth, the eighth and so on. It is repeated for ever all the same: a slow broker may recover, nothing is lost
 * meanwhile, and a restart of the job would only begin the same publication anew.
 */
export function timedOutReport(
  { logger, metrics }: Pick<ConnectorContext, 'logger' | 'metrics'>,
  egress: string,
  transactionTimeoutMs: number,
): (epoch: number, times: number) => void {
  const counter = metrics.counter(
    'KafkaSink.numTransactionsTimedOut',
    'Transactions that the broker ended at their timeout, so that they were repeated',
    { egress },
  )
  return (epoch, times) => {
    counter.inc()
    if (times < 2 || (times & (times - 1)) !== 0) return
    logger.warn(
      { egress, epoch, times, transactionTimeoutMs },
      `the broker has ended the transaction of egress ${egress} ${times} times in a row before it was complete: it takes longer ` +
        `than transactionTimeout (${transactionTimeoutMs} ms). Raise deliverySemantic.transactionTimeout, or look why the broker is ` +
        'slow; until it fits, nothing of this egress is visible',
    )
  }
}
