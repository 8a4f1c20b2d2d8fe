import type { Applied } from '@statefun/flink'
import { Command } from 'commander'
import type { Io } from '../../io.ts'
import { DeployProgress } from '../../output/deploy-progress.ts'
import { examples } from '../shared-options.ts'
import { showDiffs } from './diff.ts'
import { addPlanOptions, checkedPlan, type PlanOptions } from './plan-options.ts'
import { addClusterOptions, addTargetOptions, openCluster, timeoutOption } from './target-options.ts'

interface ApplyOptions extends PlanOptions {
  readonly timeout: number
  readonly wait: boolean
  readonly dryRun?: boolean
  readonly prune?: boolean
  readonly forceConflicts?: boolean
  readonly json?: boolean
}

const TIMEOUT_MS = 600_000

/** `statefun deploy apply`: brings the app to a cluster. */
export function applyCommand(io: Io): Command {
  const command = addPlanOptions(
    addClusterOptions(
      addTargetOptions(
        new Command('apply')
          .summary('apply the manifests and wait until the app runs')
          .description(
            'Checks, applies (server-side, as the manager "statefun") and waits until functions and job run.\n' +
              'What is pending is shown with its reason. Exits with 1 when something cannot become ready, with events and logs.',
          ),
      ),
    ),
  )
    .addOption(timeoutOption(TIMEOUT_MS))
    .option('--no-wait', 'do not wait until the app runs')
    .option('--dry-run', 'change nothing: show what would change')
    .option('--prune', 'delete objects of the deployment that its description no longer asks for')
    .option('--force-conflicts', 'take over fields that others have set')
    .option('--json', 'one object: applied, pruned, ready')
    .action(async (options: ApplyOptions) => {
      const cluster = await openCluster(io, options)
      const { deployment, manifests } = await checkedPlan(io, options, cluster.namespace)
      const {
        applyManifests,
        checkCluster,
        diffManifests,
        generationsOf,
        podsOf,
        leftOvers,
        kindOf,
        waitUntilReady,
      } = await import('@statefun/flink')
      await checkCluster(cluster, deployment)
      if (options.dryRun === true) {
        showDiffs(io, await diffManifests(cluster, deployment, manifests), options.json)
        return
      }
      const told = options.json === true ? undefined : new DeployProgress(io.stdout)
      const before = await podsOf(cluster, deployment)
      const applied = await applyManifests(cluster, manifests, {
        force: options.forceConflicts === true,
        onApplied: (one) => told?.line(appliedLine(one)),
      })
      const pruned: string[] = []
      if (options.prune === true) {
        for (const object of await leftOvers(cluster, deployment, manifests)) {
          await cluster.delete(kindOf(object), deployment.namespace, object.metadata?.name ?? '')
          pruned.push(`${object.kind} ${object.metadata?.name}`)
          told?.line(`deleted    ${pruned.at(-1)}`)
        }
      }
      if (options.wait) {
        try {
          await waitUntilReady(cluster, deployment, manifests, {
            timeoutMs: options.timeout,
            signal: io.signal,
            generations: generationsOf(applied),
            ...(applied.some(({ change }) => change !== 'unchanged') ? { formerPods: before } : {}),
            onProgress: (progress) => told?.update(progress),
          })
        } finally {
          told?.end()
        }
      }
      if (options.json === true) {
        const list = applied.map(({ manifest, change }) => ({
          kind: manifest.kind,
          name: manifest.metadata.name,
          change,
        }))
        io.stdout.write(`${JSON.stringify({ applied: list, pruned, ready: options.wait })}\n`)
      }
    })
  return examples(
    command,
    'statefun deploy apply',
    'statefun deploy apply --context staging --namespace shop --timeout "15 min"',
    'statefun deploy apply --dry-run',
  )
}

/** `created    ConfigMap shop-module` */
export function appliedLine({ manifest, change }: Applied): string {
  return `${change.padEnd(10)} ${manifest.kind} ${manifest.metadata.name}`
}
