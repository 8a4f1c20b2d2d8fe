import { StatefunError } from '@statefun/protocol'
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

interface DeleteOptions extends TargetOptions {
  readonly yes?: boolean
  readonly savepoint?: boolean
  readonly timeout: number
  readonly json?: boolean
}

const TIMEOUT_MS = 300_000

/** `statefun deploy delete`: takes the app out of the cluster. */
export function deleteCommand(io: Io): Command {
  const command = addClusterOptions(
    addTargetOptions(
      new Command('delete')
        .summary('take the app out of the cluster')
        .description(
          'Deletes the objects that "apply" has made, the job first. Checkpoints and savepoints stay in the bucket, but what\n' +
            'high availability knows of the job goes: take a savepoint to come back.',
        ),
    ),
  )
    .option('-y, --yes', 'do not ask')
    .option('--savepoint', 'take a savepoint before')
    .addOption(timeoutOption(TIMEOUT_MS))
    .option('--json', 'one object: deleted, savepoint')
    .action(async (options: DeleteOptions) => {
      const cluster = await openCluster(io, options)
      const target = await existingDeployment(io, options, cluster)
      const { deleteDeployment, objectsOf, takeSavepoint } = await import('@statefun/flink')
      const objects = await objectsOf(cluster, target)
      if (objects.length === 0) {
        throw new StatefunError(
          'SF_DEPLOY_NOT_FOUND',
          `there is nothing of ${target.name} in the namespace ${target.namespace}`,
          { where: `context ${cluster.context}`, hint: 'name another one with --name or --namespace' },
        )
      }
      if (options.yes !== true) {
        const names = objects.map(({ kind, metadata }) => `  ${kind} ${metadata?.name}`)
        io.stderr.write(
          `in the context ${cluster.context}, namespace ${target.namespace}:\n${names.join('\n')}\n`,
        )
        await confirm(io, target.name)
      }
      const { timeout: timeoutMs } = options
      const path =
        options.savepoint === true
          ? await takeSavepoint(cluster, target, { timeoutMs, signal: io.signal })
          : undefined
      if (path !== undefined && options.json !== true) io.stdout.write(`savepoint ${path}\n`)
      const deleted: string[] = []
      await deleteDeployment(cluster, target.namespace, objects, {
        timeoutMs,
        signal: io.signal,
        onDeleted(what) {
          deleted.push(what)
          if (options.json !== true) io.stdout.write(`deleted ${what}\n`)
        },
      })
      if (options.json === true) {
        io.stdout.write(
          `${JSON.stringify({ deleted, ...(path === undefined ? {} : { savepoint: path }) })}\n`,
        )
      }
    })
  return examples(
    command,
    'statefun deploy delete --savepoint',
    'statefun deploy delete --name shop -n shop --yes',
  )
}

/** @throws StatefunError `SF_DEPLOY_NOT_CONFIRMED` unless the name is typed */
async function confirm(io: Io, name: string): Promise<void> {
  io.stderr.write(`type ${name} to delete them: `)
  let answer = ''
  for await (const chunk of io.stdin) {
    answer += new TextDecoder().decode(chunk)
    if (answer.includes('\n')) break
  }
  if (answer.trim() === name) return
  throw new StatefunError('SF_DEPLOY_NOT_CONFIRMED', 'nothing was deleted', {
    hint: `type the name of the deployment, ${name}, or give --yes`,
  })
}
