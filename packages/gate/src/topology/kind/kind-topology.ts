import { join } from 'node:path'
import { readModuleText } from '@statefun/engine'
import { buildFunctionImage, findContainerEngine, prefixedImage } from '@statefun/flink'
import type { Phases } from '../../run/phases.ts'
import type { Deployment, StartRequest, Topology } from '../topology.ts'
import { archiveImages, ensureImages, type ImageArchive, type ImageWork, loadArchive } from './images.ts'
import { clusterExists, imageFolder, openCluster } from './kind-cluster.ts'
import { kindDeployment } from './kind-deployment.ts'
import {
  FUNCTION_IMAGE,
  KAFKA_IMAGE,
  type KindOptions,
  kindOptions,
  LOCALSTACK_IMAGE,
} from './kind-options.ts'
import { makeBucketAndStreams, makeTopics } from './kind-peers.ts'
import { awsOf, bootstrapOf, NAMESPACE, SELECTORS } from './kind-places.ts'
import { type KindTools, mainApp, mainManifests, moduleSource, publicImages } from './kind-run.ts'
import { applyAll } from './kubernetes/apply-all.ts'
import { untilRolledOut } from './kubernetes/rollout.ts'
import { layGround } from './lay-ground.ts'
import { FUNCTION_SERVER } from './manifests/app.ts'
import { KAFKA_NODE_PORT, kafkaManifests } from './manifests/kafka.ts'
import { localStackManifests } from './manifests/localstack.ts'
import { FUNCTIONS_NODE_PORT, nodePortService } from './manifests/node-ports.ts'
import { loadOperator } from './manifests/operator.ts'
import { kindPreconditions } from './preconditions.ts'

const POD_TIMEOUT_MS = 180_000

/**
 * Everything in a cluster of kind, as in production: the Flink Kubernetes Operator with a FlinkDeployment, Kafka, LocalStack
 * and the function image (contract 7). What it is told comes from the environment, see {@link kindOptions}.
 */
export const kindTopology: Topology = {
  name: 'kind',
  engines: ['flink'],
  preconditions: () => kindPreconditions(),
  start: (request, phases) => new Map([['flink', start(request, phases)]]),
}

async function start(asked: StartRequest, phases: Phases): Promise<Deployment> {
  // Kinesis is always there: an app that changes with the choice of tests would be deployed anew on a kept cluster.
  const request = { ...asked, kinesis: true }
  const { app, folder } = request
  const tools = phases.run('container engine', [], async (): Promise<KindTools> => {
    const options = kindOptions()
    const engine = await findContainerEngine(options.engine)
    return { options, engine, existed: await clusterExists(engine, options.cluster) }
  })
  const cluster = phases.run('cluster', [tools], async ([{ engine, options }], { own, progress, signal }) =>
    own(await openCluster(engine, options, { folder, progress, signal })),
  )
  const operator = phases.run('manifests of the operator', [tools], async ([{ options }], { signal }) => {
    const { operatorManifests, operatorVersion, prefix } = options
    const source =
      operatorManifests === undefined ? { version: operatorVersion } : { folder: operatorManifests }
    return await loadOperator(source, prefix, signal)
  })
  const functionImage = phases.run('function image', [tools], async ([{ engine, options }], work) =>
    buildFunctionImage({
      config: app.config,
      tag: FUNCTION_IMAGE,
      engine,
      prefix: options.prefix,
      onProgress: work.progress,
      signal: work.signal,
    }),
  )
  const images = phases.run('images', [tools, operator], async ([{ engine, options }, manifests], work) => {
    const all = publicImages(options, [KAFKA_IMAGE, LOCALSTACK_IMAGE], manifests)
    await ensureImages(engine, all, options.prefix, work)
    return all
  })
  // Flink's image is the largest and wanted last: it follows while the others start.
  const archive = phases.run('archive of images', [tools, functionImage, images], async (made, work) => {
    const [kit, { tag }, all] = made
    const first = all.filter((image) => image !== flinkImageOf(kit.options))
    return await archiveFor(kit, [...first, tag], 'images.tar', work)
  })
  const flinkArchive = phases.run("archive of Flink's image", [tools, archive], async ([kit], work) =>
    archiveFor(kit, [flinkImageOf(kit.options)], 'flink.tar', work),
  )
  const loaded = phases.run('images in the cluster', [tools, archive], async (made, work) => {
    const [{ engine, options }, file] = made
    await loadArchive(engine, options.cluster, file, cluster.made, work)
  })
  // After the others: layers that they share are there then.
  const flinkLoaded = phases.run(
    "Flink's image in the cluster",
    [tools, flinkArchive, loaded],
    async ([{ engine, options }, file], work) =>
      loadArchive(engine, options.cluster, file, cluster.made, work),
  )
  const ground = phases.run('namespace and CRDs', [cluster, operator], ([made, manifests], { own, signal }) =>
    layGround(made, manifests, request, { own, signal }),
  )
  const operatorUp = phases.run('operator', [cluster, operator, loaded, ground], async (made, { signal }) => {
    const [{ kube }, { objects, deployments, namespace, selector }] = made
    await applyAll(kube, objects, signal)
    const options = { what: 'the Flink Kubernetes Operator', timeoutMs: POD_TIMEOUT_MS, selector, signal }
    await Promise.all(deployments.map((name) => untilRolledOut(kube, namespace, name, options)))
  })
  const kafka = phases.run(
    'Kafka',
    [tools, cluster, loaded, ground],
    async ([{ options }, made], { signal }) => {
      const image = prefixedImage(options.prefix, KAFKA_IMAGE)
      await applyAll(made.kube, kafkaManifests(NAMESPACE, image, made.hostPort(KAFKA_NODE_PORT)), signal)
      const selector = SELECTORS.broker
      await untilRolledOut(made.kube, NAMESPACE, 'kafka', {
        what: 'Kafka',
        timeoutMs: POD_TIMEOUT_MS,
        selector,
        signal,
      })
    },
  )
  const localStack = phases.run(
    'LocalStack',
    [tools, cluster, loaded, ground],
    async ([{ options }, { kube }], { signal }) => {
      await applyAll(
        kube,
        localStackManifests(NAMESPACE, prefixedImage(options.prefix, LOCALSTACK_IMAGE)),
        signal,
      )
      const selector = SELECTORS.localstack
      const wait = { what: 'LocalStack', timeoutMs: POD_TIMEOUT_MS, selector, signal }
      await untilRolledOut(kube, NAMESPACE, 'localstack', wait)
    },
  )
  const topics = phases.run('topics', [cluster, kafka], async ([made]) =>
    makeTopics(bootstrapOf(made), moduleSource(request, await readModuleText(app.module))),
  )
  const streams = phases.run('bucket and streams', [cluster, localStack], async ([made]) =>
    makeBucketAndStreams(awsOf(made, app.name), moduleSource(request, await readModuleText(app.module))),
  )
  const manifests = phases.run('manifests of the app', [tools, operator, functionImage], async (made) =>
    mainManifests(made[0], made[1], request, await readModuleText(app.module), made[2]),
  )
  const functions = phases.run(
    'function server',
    [cluster, loaded, ground, manifests],
    async ([{ kube }, , , objects], { signal }) => {
      const external = nodePortService(
        NAMESPACE,
        `${FUNCTION_SERVER}-external`,
        8080,
        FUNCTIONS_NODE_PORT,
        FUNCTION_LABELS,
      )
      await applyAll(kube, [...objects.functions, external], signal)
      const selector = SELECTORS.functions
      const wait = { what: 'the function server', timeoutMs: POD_TIMEOUT_MS, selector, signal }
      await untilRolledOut(kube, NAMESPACE, FUNCTION_SERVER, wait)
    },
  )
  const job = phases.run(
    'Flink',
    // Not the topics: they are there long before a TaskManager is, while the JobManager itself needs the bucket.
    [cluster, flinkLoaded, ground, manifests, streams],
    async ([made, , , objects, bucketIsEmpty], { signal }) => {
      const flink = mainApp(made, request)
      // On a cluster that was kept: what its job would go on from is gone, as after a restart of LocalStack.
      if (bucketIsEmpty && !made.created) await flink.delete()
      await applyAll(made.kube, objects.job, signal)
      await flink.untilRunning(signal)
      return flink
    },
  )
  const ready = phases.run(
    'deployment',
    [tools, cluster, operator, job, functionImage, functions, operatorUp, topics],
    async ([kit, made, manifestsOfOperator, flink, image]) =>
      kindDeployment({
        tools: kit,
        cluster: made,
        operator: manifestsOfOperator,
        app: flink,
        request,
        image,
      }),
  )
  return await ready.made
}

function flinkImageOf({ prefix, flinkImage }: KindOptions): string {
  return prefixedImage(prefix, flinkImage)
}

function archiveFor(
  { engine, options, existed }: KindTools,
  images: readonly string[],
  file: string,
  work: ImageWork,
): Promise<ImageArchive> {
  const { cluster } = options
  return archiveImages(engine, existed ? cluster : undefined, images, join(imageFolder(cluster), file), work)
}

const FUNCTION_LABELS = Object.fromEntries(
  SELECTORS.functions.split(',').map((term) => term.split('=') as [string, string]),
)
