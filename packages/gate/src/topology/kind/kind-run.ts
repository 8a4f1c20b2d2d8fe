import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expandModule } from '@statefun/engine'
import { type ContainerEngine, type FunctionImage, prefixedImage } from '@statefun/flink'
import { moduleValues } from '../process/module-values.ts'
import { renderModule } from '../process/render-module.ts'
import type { DeployOptions, StartRequest } from '../topology.ts'
import { FlinkOnKind } from './flink-on-kind.ts'
import type { KindCluster } from './kind-cluster.ts'
import type { KindOptions } from './kind-options.ts'
import type { ModuleSource } from './kind-peers.ts'
import { logPath, NAMESPACE, secondLogPath, WITHIN } from './kind-places.ts'
import type { KubeObject } from './kubernetes/kube-object.ts'
import { type AppManifestsOptions, appManifests, MAIN_DEPLOYMENT } from './manifests/app.ts'
import { nodePortService, REST_NODE_PORTS } from './manifests/node-ports.ts'
import type { OperatorManifests } from './manifests/operator.ts'

/** What a run on kind is made with. */
export interface KindTools {
  readonly options: KindOptions
  readonly engine: ContainerEngine
  /** Whether the cluster was there before. */
  readonly existed: boolean
}

/** Images of a run that are not built here, with the registry's prefix. */
export function publicImages(
  { prefix, flinkImage }: KindOptions,
  peers: readonly string[],
  operator: Pick<OperatorManifests, 'images'>,
): readonly string[] {
  return [
    ...new Set([...peers, flinkImage].map((image) => prefixedImage(prefix, image)).concat(operator.images)),
  ]
}

/** What the placeholders of a module stand for within the cluster. */
export const MODULE_VALUES = moduleValues(WITHIN)

/** A module.yaml with what it needs to be read. */
export function moduleSource(request: StartRequest, text: string): ModuleSource {
  return { text, file: request.app.module, values: MODULE_VALUES, kinesis: request.kinesis }
}

/**
 * A module.yaml as the Flink of a profile takes it: without placeholders, and for Apache's StateFun with what differs there.
 *
 * @throws StatefunError `SF_MODULE_PLACEHOLDER`
 */
export function moduleFor(
  profile: KindOptions['profile'],
  { text, file, values, kinesis }: ModuleSource,
): string {
  const env = { ...process.env, ...values }
  const withoutKinesis = !kinesis
  return profile === 'apache'
    ? renderModule(text, { withoutKinesis, apache: { values: env } })
    : expandModule(renderModule(text, { withoutKinesis }), { file, env })
}

/** Objects of the app under test, apart by what they make. */
export interface MainManifests {
  readonly functions: readonly KubeObject[]
  readonly job: readonly KubeObject[]
}

const OF_FUNCTIONS = /^(?:Deployment|Service|HorizontalPodAutoscaler|PodDisruptionBudget)$/

/** The app under test. */
export function mainManifests(
  { options }: KindTools,
  operator: OperatorManifests,
  request: StartRequest,
  module: string,
  image: Pick<FunctionImage, 'id'>,
): MainManifests {
  const objects = appManifests({
    ...shared(options, operator),
    app: request.app.name,
    deployment: MAIN_DEPLOYMENT,
    module: moduleFor(options.profile, moduleSource(request, module)),
    functionImageId: image.id,
  })
  return {
    functions: objects.filter(({ kind }) => OF_FUNCTIONS.test(kind)),
    job: [
      ...objects.filter(({ kind }) => !OF_FUNCTIONS.test(kind)),
      restService(MAIN_DEPLOYMENT, REST_NODE_PORTS[0]),
    ],
  }
}

function shared(options: KindOptions, operator: OperatorManifests) {
  return {
    options,
    namespace: NAMESPACE,
    operatorVersion: operator.version,
    s3: WITHIN.aws.endpoint,
  } satisfies Partial<AppManifestsOptions>
}

function restService(deployment: string, nodePort: number): KubeObject {
  const selector = { app: deployment, component: 'jobmanager' }
  return nodePortService(NAMESPACE, `${deployment}-rest-external`, 8081, nodePort, selector)
}

/** The app under test once its objects are there. */
export function mainApp(cluster: KindCluster, request: StartRequest): FlinkOnKind {
  return new FlinkOnKind({
    name: request.app.name,
    kube: cluster.kube,
    namespace: NAMESPACE,
    deployment: MAIN_DEPLOYMENT,
    restUrl: `http://127.0.0.1:${cluster.hostPort(REST_NODE_PORTS[0])}`,
    logPaths: [logPath(request.folder, 'job-manager'), logPath(request.folder, 'worker')],
  })
}

/** Deploys apps beside the main one, each with a port of its own for its REST API. */
export class SecondApps {
  readonly #tools: KindTools
  readonly #cluster: KindCluster
  readonly #operator: OperatorManifests
  readonly #request: StartRequest
  readonly #free: number[] = REST_NODE_PORTS.slice(1)

  constructor(tools: KindTools, cluster: KindCluster, operator: OperatorManifests, request: StartRequest) {
    this.#tools = tools
    this.#cluster = cluster
    this.#operator = operator
    this.#request = request
  }

  /** @throws StatefunError `SF_GATE_START_TIMEOUT`, `SF_GATE_JOB_FAILED` */
  async deploy({ name, module, restartAttempts }: DeployOptions): Promise<FlinkOnKind> {
    const { kube, hostPort } = this.#cluster
    const { options } = this.#tools
    const port = this.#free.shift() ?? REST_NODE_PORTS[1]
    const deployment = `statefun-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`.slice(0, 40)
    const objects = appManifests({
      ...shared(options, this.#operator),
      app: name,
      deployment,
      module: moduleFor(options.profile, moduleSource(this.#request, module)),
      ...(restartAttempts === undefined ? {} : { restartAttempts }),
    })
    const app = new FlinkOnKind({
      name,
      kube,
      namespace: NAMESPACE,
      deployment,
      restUrl: `http://127.0.0.1:${hostPort(port)}`,
      logPaths: ['jobmanager', 'taskmanager'].map((component) =>
        secondLogPath(this.#request.folder, deployment, component),
      ),
      remove: async () => {
        await kube.api.delete(await kube.pathOf(restService(deployment, port)))
        this.#free.push(port)
      },
    })
    for (const object of [restService(deployment, port), ...objects]) await kube.apply(object)
    await app.untilRunning()
    return app
  }
}

/** Makes the folder for what pods say. */
export async function makeLogFolder(folder: string): Promise<void> {
  await mkdir(join(folder, 'logs'), { recursive: true })
}
