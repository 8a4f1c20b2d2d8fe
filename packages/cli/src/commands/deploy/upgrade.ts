import { Command, Option } from 'commander'
import type { Io } from '../../io.ts'
import { DeployProgress } from '../../output/deploy-progress.ts'
import { examples } from '../shared-options.ts'
import { appliedLine } from './apply.ts'
import { addPlanOptions, checkedPlan, type PlanOptions } from './plan-options.ts'
import { addClusterOptions, addTargetOptions, openCluster, timeoutOption } from './target-options.ts'

interface UpgradeOptions extends PlanOptions {
  readonly from?: 'savepoint' | 'last-state'
  readonly timeout: number
  readonly rollback: boolean
  readonly forceConflicts?: boolean
  readonly json?: boolean
}

const TIMEOUT_MS = 600_000

/** `statefun deploy upgrade`: a change that is taken back when it does not work. */
export function upgradeCommand(io: Io): Command {
  const command = addPlanOptions(
    addClusterOptions(
      addTargetOptions(
        new Command('upgrade')
          .summary('apply a change, and take it back when it does not run')
          .description(
            'Applies like "apply". When functions or job do not run in time, what was there before is applied again\n' +
              'and waited for; the exit code is 1 then. The job goes on from a savepoint, or from its last state.',
          ),
      ),
    ),
  )
    .addOption(
      new Option('--from <state>', 'what the job goes on from (default: as described)').choices([
        'savepoint',
        'last-state',
      ]),
    )
    .addOption(timeoutOption(TIMEOUT_MS))
    .option('--no-rollback', 'leave a change that does not run as it is')
    .option('--force-conflicts', 'take over fields that others have set')
    .option('--json', 'one object: applied, ready')
    .action(async (options: UpgradeOptions) => {
      const cluster = await openCluster(io, options)
      const { deployment, manifests } = await checkedPlan(io, options, cluster.namespace)
      const { checkCluster, upgradeDeployment, withUpgradeMode } = await import('@statefun/flink')
      await checkCluster(cluster, deployment)
      const told = new DeployProgress(options.json === true ? io.stderr : io.stdout)
      try {
        const applied = await upgradeDeployment(
          cluster,
          deployment,
          options.from === undefined ? manifests : withUpgradeMode(manifests, options.from),
          {
            timeoutMs: options.timeout,
            signal: io.signal,
            force: options.forceConflicts === true,
            keepFailed: !options.rollback,
            onApplied: (one) => told.line(appliedLine(one)),
            onProgress: (progress) => told.update(progress),
            onRollback(reason) {
              told.line(`${reason.code}: ${reason.message}`)
              told.line('going back to what was there before')
            },
          },
        )
        if (options.json === true) {
          const list = applied.map(({ manifest, change }) => ({
            kind: manifest.kind,
            name: manifest.metadata.name,
            change,
          }))
          io.stdout.write(`${JSON.stringify({ applied: list, ready: true })}\n`)
        }
      } finally {
        told.end()
      }
    })
  return examples(
    command,
    'statefun deploy upgrade --functions-image shop-functions:1.1',
    'statefun deploy upgrade --from savepoint --timeout "15 min"',
  )
}
