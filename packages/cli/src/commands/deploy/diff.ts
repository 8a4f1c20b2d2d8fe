import type { ObjectDiff } from '@statefun/flink'
import { Command } from 'commander'
import { EXIT, ExitCode } from '../../exit-code.ts'
import type { Io } from '../../io.ts'
import { type Look, style } from '../../output/style.ts'
import { examples } from '../shared-options.ts'
import { addPlanOptions, checkedPlan, type PlanOptions } from './plan-options.ts'
import { addClusterOptions, addTargetOptions, openCluster } from './target-options.ts'

interface DiffOptions extends PlanOptions {
  readonly json?: boolean
  readonly exitCode?: boolean
}

/** `statefun deploy diff`: what an apply would change. */
export function diffCommand(io: Io): Command {
  const command = addPlanOptions(
    addClusterOptions(
      addTargetOptions(
        new Command('diff')
          .summary('show what an apply would change')
          .description(
            'Asks the cluster what would be there after an apply (a dry run), and compares it with what is there.\n' +
              'Values of Secrets are not shown.',
          ),
      ),
    ),
  )
    .option('--exit-code', 'exit with 1 when something would change')
    .option('--json', 'a list of objects: what, change, lines')
    .action(async (options: DiffOptions) => {
      const cluster = await openCluster(io, options)
      const { deployment, manifests } = await checkedPlan(io, options, cluster.namespace)
      const { diffManifests } = await import('@statefun/flink')
      const diffs = await diffManifests(cluster, deployment, manifests)
      showDiffs(io, diffs, options.json)
      if (options.exitCode === true && diffs.some(({ change }) => change !== 'none')) {
        throw new ExitCode(EXIT.failed)
      }
    })
  return examples(command, 'statefun deploy diff', 'statefun deploy diff --exit-code --context production')
}

const LOOKS: Readonly<Record<string, Look>> = { '+': 'green', '-': 'red' }

/** Prints differences, as text or as JSON. */
export function showDiffs(io: Io, diffs: readonly ObjectDiff[], json: boolean | undefined): void {
  if (json === true) {
    io.stdout.write(`${JSON.stringify(diffs)}\n`)
    return
  }
  for (const { what, change, lines } of diffs) {
    if (change === 'none') continue
    const note =
      change === 'left over' ? ' (no longer asked for: "statefun deploy apply --prune" deletes it)' : ''
    io.stdout.write(`${style(io.stdout, 'bold', `${change} ${what}`)}${note}\n`)
    for (const line of lines) {
      const look = LOOKS[line[0] ?? '']
      io.stdout.write(`  ${look === undefined ? line : style(io.stdout, look, line)}\n`)
    }
  }
  const count = (wanted: ObjectDiff['change']) => diffs.filter(({ change }) => change === wanted).length
  io.stdout.write(
    `${count('create')} to create, ${count('change')} to change, ${count('none')} unchanged, ${count('left over')} left over\n`,
  )
}
