import {
  CONTAINER_ENGINES,
  type ContainerEngineName,
  checkedPrefix,
  prefixFromEnvironment,
} from '@statefun/flink'
import { nearestName, StatefunError } from '@statefun/protocol'

/** What a run on kind may be told by its environment: which cluster, which releases, where images come from. */
export interface KindOptions {
  /** Name of the cluster: `STATEFUN_KIND_CLUSTER`, default `statefun-e2e`. */
  readonly cluster: string
  /** Image of its node: `KIND_NODE_IMAGE`; kind's own when undefined. */
  readonly nodeImage: string | undefined
  /** Before the name of every image that is not built here: `IMAGE_REGISTRY_PREFIX`. */
  readonly prefix: string
  /** `STATEFUN_CONTAINER_ENGINE`; the first that answers when undefined. */
  readonly engine: ContainerEngineName | undefined
  /** The StateFun that runs the job: `STATEFUN_FLINK_PROFILE`, default `kzm`. */
  readonly profile: 'kzm' | 'apache'
  /** Flink with StateFun: `STATEFUN_FLINK_IMAGE`; that of kzm unless another is named. */
  readonly flinkImage: string
  /** Release of the Flink Kubernetes Operator: `STATEFUN_OPERATOR_VERSION`, default 1.11.0. */
  readonly operatorVersion: string
  /** Folder with the operator's manifests and CRDs in place of its Helm chart: `STATEFUN_OPERATOR_MANIFESTS`. */
  readonly operatorManifests: string | undefined
}

/** Of the cluster, and of the namespace in it. */
export const DEFAULT_CLUSTER = 'statefun-e2e'

/** Public images that a run needs besides those of Flink and its operator (contract 7.3). */
export const KAFKA_IMAGE = 'apache/kafka:3.9.0'
export const LOCALSTACK_IMAGE = 'localstack/localstack:4.1'

/** Built here, from the app under test. */
export const FUNCTION_IMAGE = 'statefun-remote-function:e2e'

const KZM_IMAGE = 'ghcr.io/kzmlabs/flink-statefun:latest'
const PROFILES = ['kzm', 'apache'] as const

/**
 * Reads the options of a run out of its environment.
 *
 * @throws StatefunError `SF_GATE_KIND_OPTION` for a value that cannot be, `SF_IMAGE_PREFIX`
 */
export function kindOptions(env: NodeJS.ProcessEnv = process.env): KindOptions {
  const profile = choice('STATEFUN_FLINK_PROFILE', env.STATEFUN_FLINK_PROFILE || 'kzm', PROFILES)
  const cluster = env.STATEFUN_KIND_CLUSTER || DEFAULT_CLUSTER
  if (!/^[a-z0-9][a-z0-9.-]{0,49}$/.test(cluster)) {
    throw new StatefunError('SF_GATE_KIND_OPTION', `"${cluster}" cannot be the name of a cluster`, {
      where: 'STATEFUN_KIND_CLUSTER',
      hint: 'use lower-case letters, digits and "-"',
    })
  }
  const flinkImage = env.STATEFUN_FLINK_IMAGE || (profile === 'kzm' ? KZM_IMAGE : '')
  if (flinkImage === '') {
    throw new StatefunError(
      'SF_GATE_KIND_OPTION',
      'the profile "apache" has no public image for the operator',
      {
        where: 'STATEFUN_FLINK_IMAGE',
        hint: 'build one from Flink 1.16 and StateFun 3.3.0 with /opt/flink/statefun-flink-runner.jar, and name it there',
      },
    )
  }
  return {
    cluster,
    nodeImage: env.KIND_NODE_IMAGE || undefined,
    prefix: checkedPrefix(prefixFromEnvironment(env)),
    engine: env.STATEFUN_CONTAINER_ENGINE
      ? choice('STATEFUN_CONTAINER_ENGINE', env.STATEFUN_CONTAINER_ENGINE, CONTAINER_ENGINES)
      : undefined,
    profile,
    flinkImage,
    operatorVersion: env.STATEFUN_OPERATOR_VERSION || '1.11.0',
    operatorManifests: env.STATEFUN_OPERATOR_MANIFESTS || undefined,
  }
}

function choice<Name extends string>(variable: string, value: string, known: readonly Name[]): Name {
  const found = known.find((name) => name === value)
  if (found !== undefined) return found
  const nearest = nearestName(value, known)
  throw new StatefunError('SF_GATE_KIND_OPTION', `"${value}" is none of ${known.join(', ')}`, {
    where: variable,
    ...(nearest === undefined ? {} : { hint: `did you mean "${nearest}"?` }),
  })
}
