import { StatefunError } from '@statefun/protocol'
import { Argument, Command } from 'commander'
import type { Io } from '../../io.ts'
import { style } from '../../output/style.ts'
import { duration, examples, wholeNumber } from '../shared-options.ts'
import {
  addClusterOptions,
  addTargetOptions,
  existingDeployment,
  openCluster,
  type TargetOptions,
} from './target-options.ts'

interface LogsOptions extends TargetOptions {
  readonly follow?: boolean
  readonly tail?: number
  readonly since?: number
  readonly previous?: boolean
}

/** `statefun deploy logs`: what the pods of the app say. */
export function logsCommand(io: Io): Command {
  const command = addClusterOptions(
    addTargetOptions(
      new Command('logs')
        .summary('show the logs of the pods')
        .description(
          'Shows the logs of one part of the app, or of all, each line behind the name of its pod.',
        )
        .addArgument(
          new Argument('[part]', 'whose logs').choices(['jobmanager', 'taskmanager', 'functions', 'engine']),
        ),
    ),
  )
    .option('-f, --follow', 'go on with what comes, of pods that come later too, until interrupted')
    .option('--tail <lines>', 'only so many lines from the end of each', wholeNumber(0, 1_000_000))
    .option('--since <duration>', 'only what is younger', duration(1000, 2_592_000_000))
    .option('--previous', 'of the container that ran before the last restart')
    .action(
      async (
        part: 'jobmanager' | 'taskmanager' | 'functions' | 'engine' | undefined,
        options: LogsOptions,
      ) => {
        const cluster = await openCluster(io, options)
        const target = await existingDeployment(io, options, cluster)
        const { showLogs } = await import('@statefun/flink')
        const count = await showLogs(cluster, target, {
          ...(part === undefined ? {} : { component: part }),
          ...(options.follow === undefined ? {} : { follow: options.follow }),
          ...(options.tail === undefined ? {} : { tail: options.tail }),
          ...(options.since === undefined ? {} : { sinceSeconds: Math.ceil(options.since / 1000) }),
          ...(options.previous === undefined ? {} : { previous: options.previous }),
          signal: io.signal,
          onLine: (pod, line) => void io.stdout.write(`${style(io.stdout, 'dim', `[${pod}]`)} ${line}\n`),
        })
        if (count > 0 || options.follow === true) return
        throw new StatefunError(
          'SF_DEPLOY_NOT_FOUND',
          `${target.name} has no ${part === undefined ? '' : `${part} `}pods in the namespace ${target.namespace}`,
          { hint: 'look with "statefun deploy status"' },
        )
      },
    )
  return examples(
    command,
    'statefun deploy logs',
    'statefun deploy logs taskmanager --follow --tail 100',
    'statefun deploy logs functions --previous',
  )
}
