import { StatefunError } from '@statefun/protocol'
import type { FlinkVersion } from './deployment.ts'

/** The newest line of Flink that an operator knows, from this version of it on (contract 7.1; the CRDs of the releases). */
const OPERATORS: readonly (readonly [operator: number, newest: number])[] = [
  [107, 118],
  [109, 119],
  [110, 120],
  [111, 200],
  [113, 201],
  [115, 202],
]

/**
 * The line of Flink that a profile's deployment names: what the profile was made for, or, with an operator that does not
 * know it, the nearest one that works.
 *
 * @throws StatefunError `SF_DEPLOY_OPERATOR`
 */
export function flinkVersionFor(profile: 'kzm' | 'apache', operatorVersion: string): FlinkVersion {
  const [major = 0, minor = 0] = operatorVersion.split('.').map(Number)
  const operator = major * 100 + minor
  const newest = OPERATORS.findLast(([version]) => version <= operator)?.[1] ?? 0
  if (profile === 'apache' && newest >= 116) return 'v1_16'
  if (profile === 'kzm' && newest >= 202) return 'v2_2'
  if (profile === 'kzm' && newest >= 200) return 'v2_0'
  throw new StatefunError(
    'SF_DEPLOY_OPERATOR',
    `operator ${operatorVersion} does not know the Flink of the profile ${profile}`,
    {
      hint:
        profile === 'kzm'
          ? 'install operator 1.15, or at least 1.11 (deploy.flink.operatorVersion)'
          : 'install operator 1.11 (deploy.flink.operatorVersion)',
    },
  )
}
