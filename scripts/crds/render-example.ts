import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DeployConfig, type Manifest, planDeployment } from '@statefun/flink'
import { config } from '../../examples/counter/statefun.config.ts'
import { ROOT } from '../workspace.ts'

const FOLDER = 'examples/counter'

/** Manifests of the example, with some fields of its description changed. */
export function renderExample(changes: DeployConfig): readonly Manifest[] {
  const module = `${FOLDER}/module.yaml`
  const { deploy = {}, functions = [] } = config
  const { problems, manifests } = planDeployment({
    app: config.app,
    config: { ...deploy, ...changes, flink: { ...deploy.flink, ...changes.flink } },
    module: { file: module, text: readFileSync(join(ROOT, module), 'utf8') },
    configFile: { file: `${FOLDER}/deploy.ts`, text: '' },
    env: {},
    functions: functions.map(({ typename }) => typename),
  })
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'))
  return manifests
}

/**
 * The profiles of the example that a set of CRDs can take, each with its manifests: the newest Flink that the operator knows.
 *
 * @param flinkVersions of the operator; undefined for no operator at all
 */
export function renderForOperator(
  flinkVersions: readonly string[] | undefined,
): readonly { readonly profile: string; readonly manifests: readonly Manifest[] }[] {
  const rendered = [{ profile: 'embedded', manifests: renderExample({ profile: 'embedded' }) }]
  if (flinkVersions?.includes('v1_16')) {
    rendered.push({ profile: 'apache', manifests: renderExample({ profile: 'apache' }) })
  }
  const operatorVersion = flinkVersions?.includes('v2_2')
    ? '1.15'
    : flinkVersions?.includes('v2_0')
      ? '1.11'
      : undefined
  if (operatorVersion !== undefined) {
    rendered.push({
      profile: 'kzm',
      manifests: renderExample({ profile: 'kzm', flink: { operatorVersion } }),
    })
  }
  return rendered
}
