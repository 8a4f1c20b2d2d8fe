import {
  loadModule,
  type ModuleTarget,
  type PlaceholderEnv,
  type Problem,
  validateModule,
} from '@statefun/engine'
import type { Profile } from '../deploy/deploy-config.ts'
import type { Deployment } from '../deploy/deployment.ts'
import { checkFlinkKeys } from '../flink-keys/check-keys.ts'
import { checkModuleOnKubernetes } from './check-module-on-kubernetes.ts'
import { checkResources } from './check-resources.ts'
import type { Finding } from './finding.ts'
import { excerptOf, locateKey, type SourceFile } from './locate.ts'

const TARGETS: Readonly<Record<Profile, ModuleTarget>> = {
  kzm: 'flink-kzm',
  apache: 'flink-apache',
  embedded: 'embedded',
}

/** What {@link checkModule} and {@link checkDeployment} look at. */
export interface CheckInput {
  readonly deployment: Deployment
  /** module.yaml as it is written, before its placeholders are expanded. */
  readonly module: SourceFile
  /** Where placeholders are looked up. */
  readonly env: PlaceholderEnv
  /** The configuration that the description comes from. */
  readonly config: SourceFile
  /** Function types in the engine's own process; of the profile `embedded`. */
  readonly functions?: readonly string[]
}

/** What is wrong with a module.yaml for a profile; with an error it cannot be expanded and deployed. */
export function checkModule(
  profile: Profile,
  { module, env, functions = [] }: Pick<CheckInput, 'module' | 'env' | 'functions'>,
): readonly Problem[] {
  return validateModule(module.text, {
    file: module.file,
    target: TARGETS[profile],
    placeholders: 'expand',
    env,
    functions,
  })
}

/**
 * Everything that the engine, Flink or Kubernetes would refuse, ignore without a word, or do otherwise than meant, with its
 * place in module.yaml or in the configuration. With an error nothing should be applied.
 */
export function checkDeployment(input: CheckInput): readonly Problem[] {
  const { deployment, module, config } = input
  const { flink, profile } = deployment
  const problems: Problem[] = [...checkModule(profile, input)]
  const findings: Finding[] = [...checkResources(deployment)]
  if (flink !== undefined) findings.push(...checkFlinkKeys(flink.configuration, flink.flinkVersion))
  if (!problems.some(({ severity }) => severity === 'error')) {
    const definition = loadModule(module.text, {
      file: module.file,
      env: input.env,
      functions: input.functions ?? [],
    })
    findings.push(...checkModuleOnKubernetes(definition, deployment))
  }
  for (const { anchor = 'deploy', location, ...finding } of findings) {
    const source = location === undefined ? config : module
    const place = location ?? locateKey(config, anchor)
    problems.push({
      ...finding,
      location: place,
      excerpt: source.text === '' ? '' : excerptOf(source, place),
    })
  }
  return problems
}
