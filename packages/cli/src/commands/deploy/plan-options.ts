import { readFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { formatProblem, type Problem, readModuleText } from '@statefun/engine'
import type { DeployConfig, Deployment, DeploymentPlan, Manifest } from '@statefun/flink'
import { StatefunError } from '@statefun/protocol'
import { type Command, Option } from 'commander'
import { EXIT, ExitCode } from '../../exit-code.ts'
import type { Io } from '../../io.ts'
import { type LoadedConfig, loadConfig } from '../../load-config.ts'
import { wholeNumber } from '../shared-options.ts'
import { assignment, type TargetOptions } from './target-options.ts'

/** What flags say over the `deploy` part of the configuration. */
export interface PlanOptions extends TargetOptions {
  readonly module?: string
  readonly profile?: 'kzm' | 'apache' | 'embedded'
  readonly functionsImage?: string
  readonly flinkImage?: string
  readonly engineImage?: string
  readonly imageRegistryPrefix?: string
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never'
  readonly operatorVersion?: string
  readonly replicas?: number
  readonly parallelism?: number
  readonly checkpoints?: string
  readonly savepoints?: string
  readonly s3Endpoint?: string
  readonly s3Secret?: string
  readonly s3Role?: string
  readonly upgradeMode?: 'savepoint' | 'last-state' | 'stateless'
  readonly flink?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly strict?: boolean
}

/** The options of the commands that make manifests. */
export function addPlanOptions(command: Command): Command {
  return command
    .option('-m, --module <file>', 'module.yaml (default: as configured)')
    .addOption(new Option('--profile <profile>', 'what runs it').choices(['kzm', 'apache', 'embedded']))
    .option('--functions-image <image>', 'image of the function server')
    .option('--flink-image <image>', 'image of Flink with StateFun')
    .option('--engine-image <image>', 'image of the app, for the profile embedded')
    .option(
      '--image-registry-prefix <prefix>',
      'put before every image, ends with "/" (default: IMAGE_REGISTRY_PREFIX)',
    )
    .addOption(
      new Option('--image-pull-policy <policy>', 'of all containers').choices([
        'Always',
        'IfNotPresent',
        'Never',
      ]),
    )
    .option('--operator-version <version>', 'of the Flink Kubernetes Operator in the cluster')
    .option('--replicas <count>', 'pods of the function server', wholeNumber(0, 1000))
    .option('--parallelism <count>', 'of the job', wholeNumber(1, 32_768))
    .option('--checkpoints <place>', 's3://bucket/prefix of the app')
    .option('--savepoints <place>', 's3://bucket/prefix for savepoints')
    .option('--s3-endpoint <url>', 'of a store other than Amazon S3')
    .addOption(
      new Option('--s3-secret <name>', 'Secret with access-key-id and secret-access-key').conflicts('s3Role'),
    )
    .option('--s3-role <arn>', 'role that the service account assumes (IRSA)')
    .addOption(
      new Option('--upgrade-mode <mode>', 'what a change goes on from').choices([
        'savepoint',
        'last-state',
        'stateless',
      ]),
    )
    .option('-F, --flink <key=value>', 'a setting of Flink; may be repeated', assignment)
    .option('-e, --env <name=value>', 'value of a placeholder in module.yaml; may be repeated', assignment)
    .option('--strict', 'count warnings as errors')
}

/** A plan without errors. */
export interface CheckedPlan {
  readonly deployment: Deployment
  readonly manifests: readonly Manifest[]
}

/**
 * Makes the manifests from configuration and flags, and prints what is wrong with them.
 *
 * @param namespace of the cluster that is talked to; where nothing names another
 * @throws ExitCode when there are errors; StatefunError as the configuration's and `planDeployment`
 */
export async function checkedPlan(io: Io, options: PlanOptions, namespace?: string): Promise<CheckedPlan> {
  const { deployment, manifests, problems } = await plan(io, options, namespace)
  const color = io.stderr.isTTY === true && (process.env.NO_COLOR ?? '') === ''
  for (const problem of problems) io.stderr.write(`${formatProblem(problem, { color })}\n\n`)
  const wrong = problems.filter(({ severity }) => severity === 'error' || options.strict === true)
  if (deployment !== undefined && wrong.length === 0) return { deployment, manifests }
  io.stderr.write(
    `nothing was done: ${wrong.length} ${wrong.length === 1 ? 'problem' : 'problems'} to mend first\n`,
  )
  throw new ExitCode(wrong.some(isOfModule) ? EXIT.module : EXIT.usage)
}

async function plan(io: Io, options: PlanOptions, namespace: string | undefined): Promise<DeploymentPlan> {
  const loaded = await configuration(io, options)
  const { planDeployment } = await import('@statefun/flink')
  const modulePath =
    options.module === undefined
      ? (loaded?.module ?? resolve(io.cwd, 'module.yaml'))
      : resolve(io.cwd, options.module)
  const name = (path: string) => {
    const short = relative(io.cwd, path)
    return short.startsWith('..') || short === '' ? path : short
  }
  return planDeployment({
    app: loaded?.config.app ?? options.name!,
    config: withFlags(loaded?.config.deploy ?? {}, options),
    module: { file: name(modulePath), text: await readModuleText(modulePath) },
    configFile:
      loaded === undefined
        ? { file: 'the command line', text: '' }
        : { file: name(loaded.file), text: await readFile(loaded.file, 'utf8') },
    env: process.env,
    functions: (loaded?.config.functions ?? []).map(({ typename }) => typename),
    imageRegistryPrefix: process.env.IMAGE_REGISTRY_PREFIX ?? '',
    ...(namespace === undefined ? {} : { namespace }),
  })
}

/** None is needed when the flags say everything. */
async function configuration(io: Io, options: PlanOptions): Promise<LoadedConfig | undefined> {
  try {
    return await loadConfig(io.cwd, options.config)
  } catch (error) {
    const missing = StatefunError.from(error).code === 'SF_CONFIG_MISSING' && options.config === undefined
    if (missing && options.name !== undefined && options.module !== undefined) return undefined
    throw error
  }
}

function isOfModule({ code }: Problem): boolean {
  return code.startsWith('SF_MODULE_')
}

/** The description with what the flags say. */
function withFlags(config: DeployConfig, options: PlanOptions): DeployConfig {
  const { functions, flink, engine, storage } = config
  const credentials =
    options.s3Secret !== undefined
      ? { secret: options.s3Secret }
      : options.s3Role === undefined
        ? undefined
        : { role: options.s3Role }
  return {
    ...config,
    ...given({
      profile: options.profile,
      name: options.name,
      namespace: options.namespace,
      imageRegistryPrefix: options.imageRegistryPrefix,
      imagePullPolicy: options.imagePullPolicy,
      functions: part(functions === false ? undefined : functions, {
        image: options.functionsImage,
        replicas: options.replicas,
      }),
      flink: part(flink, {
        image: options.flinkImage,
        operatorVersion: options.operatorVersion,
        parallelism: options.parallelism,
        upgradeMode: options.upgradeMode,
        configuration: part(flink?.configuration, options.flink ?? {}),
      }),
      engine: part(engine, { image: options.engineImage }),
      storage: part(storage, {
        checkpoints: options.checkpoints,
        savepoints: options.savepoints,
        endpoint: options.s3Endpoint,
        credentials,
      }),
      env: part(config.env, options.env ?? {}),
    }),
  }
}

/** A part with what was given over it; undefined when there is nothing to change. */
function part<T extends object>(before: T | undefined, flags: object): T | undefined {
  const over = given(flags)
  return Object.keys(over).length === 0 ? undefined : ({ ...before, ...over } as T)
}

function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
