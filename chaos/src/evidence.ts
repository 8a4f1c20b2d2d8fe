import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Outcome } from './run-fault.ts'

/**
 * Puts what helps to understand a failure beside the logs of a run: `verdict.txt`, `last-results.txt` and the broker's log.
 */
export async function writeEvidence(
  folder: string,
  { verdict, states, error, recoverySeconds }: Outcome,
  lastResults: readonly string[],
  brokerLog: string,
): Promise<void> {
  const { examples, ...counts } = verdict
  const lines = [
    JSON.stringify(counts),
    ...examples,
    ...states.slice(0, 20),
    `recovery seconds: ${recoverySeconds.map((seconds) => seconds.toFixed(2)).join(' ')}`,
    ...(error === undefined ? [] : [error.format(), error.stack ?? '']),
  ]
  await writeFile(join(folder, 'verdict.txt'), `${lines.join('\n')}\n`)
  await writeFile(join(folder, 'last-results.txt'), `${lastResults.join('\n')}\n`)
  // The broker itself may be what could not be started.
  await copyFile(brokerLog, join(folder, 'broker.log')).catch(() => undefined)
}
