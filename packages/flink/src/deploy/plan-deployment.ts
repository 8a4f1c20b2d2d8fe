import { expandModule, type PlaceholderEnv, type Problem } from '@statefun/engine'
import { checkDeployment, checkModule } from '../check/check-deployment.ts'
import type { SourceFile } from '../check/locate.ts'
import { type Manifest, manifestsOf } from '../render/manifests-of.ts'
import { checkDeployShape } from './check-shape.ts'
import type { DeployConfig, EnvValue } from './deploy-config.ts'
import type { Deployment } from './deployment.ts'
import { type DeploymentInput, resolveDeployment } from './resolve-deployment.ts'

/** What {@link planDeployment} starts from. */
export interface PlanInput extends Omit<DeploymentInput, 'module'> {
  /** module.yaml as it is written. */
  readonly module: SourceFile
  /** The file of the configuration, for the places of problems; its text may be empty. */
  readonly configFile: SourceFile
  /** Values of placeholders, besides `env` of the description. */
  readonly env?: PlaceholderEnv
  /** Function types that the engine itself runs; of the profile `embedded`. */
  readonly functions?: readonly string[]
}

/** A deployment ready to be applied, and what is wrong with it. */
export interface DeploymentPlan {
  readonly problems: readonly Problem[]
  /** Undefined when module.yaml has errors. */
  readonly deployment: Deployment | undefined
  /** Empty when module.yaml has errors. */
  readonly manifests: readonly Manifest[]
}

/**
 * Checks a description and its module.yaml, and makes the manifests.
 *
 * @throws StatefunError as {@link resolveDeployment}; problems of module.yaml and of values are given as data
 */
export function planDeployment(input: PlanInput): DeploymentPlan {
  const { config, module } = input
  checkDeployShape(config)
  const profile = config.profile ?? 'kzm'
  const env = profile === 'embedded' ? podEnv(config) : { ...(input.env ?? process.env), ...config.env }
  const functions = input.functions ?? []
  const problems = checkModule(profile, { module, env, functions })
  if (problems.some(({ severity }) => severity === 'error')) {
    return { problems, deployment: undefined, manifests: [] }
  }
  const text = profile === 'embedded' ? module.text : expandModule(module.text, { file: module.file, env })
  const deployment = resolveDeployment({ ...input, module: text })
  return {
    problems: checkDeployment({ deployment, module, env, functions, config: input.configFile }),
    deployment,
    manifests: manifestsOf(deployment),
  }
}

/** The variables that the engine's container has; those of Secrets have values that nobody knows here. */
function podEnv({ env, engine }: DeployConfig): PlaceholderEnv {
  const variables: Record<string, EnvValue> = { ...env, ...engine?.env }
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, typeof value === 'string' ? value : 'secret']),
  )
}
