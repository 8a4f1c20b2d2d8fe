import { Command } from 'commander'
import type { Io } from '../../io.ts'
import { examples } from '../shared-options.ts'
import {
  addClusterOptions,
  addTargetOptions,
  existingDeployment,
  openCluster,
  type TargetOptions,
  timeoutOption,
} from './target-options.ts'

interface SavepointOptions extends TargetOptions {
  readonly timeout: number
  readonly json?: boolean
}

const TIMEOUT_MS = 600_000

/** `statefun deploy savepoint`: takes one of a job on Flink. */
export function deploySavepointCommand(io: Io): Command {
  const command = addClusterOptions(
    addTargetOptions(
      new Command('savepoint')
        .summary('take a savepoint of the job')
        .description(
          'Asks the operator for a savepoint and waits for its path. The job goes on meanwhile.\n' +
            'Of the profile embedded take one with "statefun savepoint create".',
        ),
    ),
  )
    .addOption(timeoutOption(TIMEOUT_MS))
    .option('--json', 'one object: path')
    .action(async (options: SavepointOptions) => {
      const cluster = await openCluster(io, options)
      const target = await existingDeployment(io, options, cluster)
      const { takeSavepoint } = await import('@statefun/flink')
      let last = ''
      const path = await takeSavepoint(cluster, target, {
        timeoutMs: options.timeout,
        signal: io.signal,
        onProgress(state) {
          if (state !== last) io.stderr.write(`savepoint ${state}\n`)
          last = state
        },
      })
      io.stdout.write(options.json === true ? `${JSON.stringify({ path })}\n` : `${path}\n`)
    })
  return examples(
    command,
    'statefun deploy savepoint',
    'statefun deploy savepoint --name shop -n shop --json',
  )
}
