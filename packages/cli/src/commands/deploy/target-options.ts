import type { Cluster, KubeOptions } from '@statefun/flink'
import { StatefunError } from '@statefun/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Io } from '../../io.ts'
import type { LoadedConfig } from '../../load-config.ts'
import { configOption, duration, optionalConfig } from '../shared-options.ts'

/** Which deployment in which cluster a command is about. */
export interface TargetOptions {
  readonly config?: string
  readonly name?: string
  readonly namespace?: string
  readonly context?: string
  readonly kubeconfig?: string
}

/** The options of every `statefun deploy` command. */
export function addTargetOptions(command: Command): Command {
  return command
    .addOption(configOption())
    .option('--name <name>', 'name of the deployment (default: deploy.name, else that of the app)')
    .option('-n, --namespace <namespace>', 'default: deploy.namespace, else that of the context')
}

/** The options of those that talk to a cluster. */
export function addClusterOptions(command: Command): Command {
  return command
    .option('--context <context>', 'context of kubectl (default: the current one)')
    .option('--kubeconfig <file>', 'configuration of kubectl (default: KUBECONFIG, else ~/.kube/config)')
}

/** `--timeout <duration>` of a command that waits. */
export function timeoutOption(milliseconds: number): Option {
  return new Option('--timeout <duration>', 'how long it may take')
    .argParser(duration(1, 86_400_000))
    .default(milliseconds, `${milliseconds / 60_000} min`)
}

/** Opens the cluster that the options name. */
export async function openCluster(
  io: Io,
  { kubeconfig, context, namespace }: TargetOptions,
): Promise<Cluster> {
  const options: KubeOptions = {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(namespace === undefined ? {} : { namespace }),
  }
  if (io.openCluster !== undefined) return await io.openCluster(options)
  const { openKubeCluster } = await import('@statefun/flink')
  return await openKubeCluster(options)
}

/** The name and namespace of a deployment that is there already. */
export async function existingDeployment(
  io: Io,
  options: TargetOptions,
  cluster: Cluster,
): Promise<{ readonly name: string; readonly namespace: string }> {
  const loaded: LoadedConfig | undefined = await optionalConfig(io.cwd, options.config)
  const { deploymentName } = await import('@statefun/flink')
  const { app, deploy = {} } = loaded?.config ?? {}
  const name = options.name ?? deploy.name ?? (app === undefined ? undefined : deploymentName(app))
  if (name === undefined) {
    throw new StatefunError('SF_CLI_DEPLOY_NAME', 'nothing says which deployment is meant', {
      hint: 'give --name, or run it in the folder of the app',
    })
  }
  return { name, namespace: options.namespace ?? deploy.namespace ?? cluster.namespace }
}

/** Parses `NAME=VALUE` of an option that may be repeated. */
export function assignment(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf('=')
  if (at <= 0) throw new InvalidArgumentError('It is NAME=VALUE.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}
