import { Command } from 'commander'
import { EXIT, ExitCode } from '../../exit-code.ts'
import type { Io } from '../../io.ts'
import { style } from '../../output/style.ts'
import { writeTable } from '../../output/table.ts'
import { examples } from '../shared-options.ts'
import {
  addClusterOptions,
  addTargetOptions,
  existingDeployment,
  openCluster,
  type TargetOptions,
} from './target-options.ts'

/** `statefun deploy status`: what there is of the app in the cluster. */
export function statusCommand(io: Io): Command {
  const command = addClusterOptions(
    addTargetOptions(
      new Command('status')
        .summary('show how the app is in the cluster')
        .description(
          'Shows job, objects and pods, with the reason of what is not ready. Exits with 1 when not all is ready.',
        ),
    ),
  )
    .option('--json', 'one object: name, namespace, ready, objects, pods, job')
    .action(async (options: TargetOptions & { readonly json?: boolean }) => {
      const cluster = await openCluster(io, options)
      const target = await existingDeployment(io, options, cluster)
      const { deploymentStatus } = await import('@statefun/flink')
      const status = await deploymentStatus(cluster, target)
      if (options.json === true) io.stdout.write(`${JSON.stringify(status)}\n`)
      else show(io, status)
      if (!status.ready) throw new ExitCode(EXIT.failed)
    })
  return examples(command, 'statefun deploy status', 'statefun deploy status --name shop -n shop --json')
}

type Status = Awaited<ReturnType<typeof import('@statefun/flink')['deploymentStatus']>>

function show(io: Io, { name, namespace, job, objects, pods }: Status): void {
  if (objects.length === 0) {
    io.stdout.write(`there is nothing of ${name} in the namespace ${namespace}\n`)
    return
  }
  if (job !== undefined) {
    const state = style(io.stdout, job.state === 'RUNNING' ? 'green' : 'red', job.state)
    io.stdout.write(
      `job ${job.id ?? '-'} ${state}${job.startedAt === undefined ? '' : ` since ${job.startedAt}`}\n`,
    )
    if (job.savepoint !== undefined) io.stdout.write(`last savepoint ${job.savepoint}\n`)
    io.stdout.write('\n')
  }
  writeTable(
    io.stdout,
    ['kind', 'name', 'ready', 'state'],
    objects.map((object) => [
      object.kind,
      object.name,
      object.ready ? 'yes' : 'no',
      object.reason === undefined ? object.state : `${object.state}: ${object.reason}`,
    ]),
  )
  io.stdout.write('\n')
  writeTable(
    io.stdout,
    ['pod', 'part', 'ready', 'restarts', 'why'],
    pods.map((pod) => [
      pod.name,
      pod.component,
      pod.ready ? 'yes' : 'no',
      pod.restarts,
      pod.reasons.join('; '),
    ]),
  )
}
