import type { FunctionImage } from '@statefun/flink'
import type { Capability } from '../capability.ts'
import type { Deployment, Part, StartRequest } from '../topology.ts'
import type { FlinkOnKind } from './flink-on-kind.ts'
import { signalPods } from './freeze-pods.ts'
import type { KindCluster } from './kind-cluster.ts'
import { KAFKA_IMAGE, type KindOptions, LOCALSTACK_IMAGE } from './kind-options.ts'
import { makeBucketAndStreams, makeTopics, untilBrokerAnswers } from './kind-peers.ts'
import { awsOf, bootstrapOf, logPath, NAMESPACE, SELECTORS } from './kind-places.ts'
import { type KindTools, moduleSource, SecondApps } from './kind-run.ts'
import { podPart } from './kubernetes/pod-part.ts'
import { snapshot } from './kubernetes/snapshot.ts'
import { FUNCTIONS_NODE_PORT } from './manifests/node-ports.ts'
import type { OperatorManifests } from './manifests/operator.ts'

/** What a running deployment is put together from. */
export interface KindDeploymentParts {
  readonly tools: KindTools
  readonly cluster: KindCluster
  readonly operator: OperatorManifests
  readonly app: FlinkOnKind
  readonly request: StartRequest
  readonly image: FunctionImage
}

const COMMON: readonly Capability[] = [
  's3-checkpoints',
  'worker-fault',
  'job-manager-fault',
  'functions-fault',
  'broker-fault',
  'storage-fault',
  'second-app',
]

/** What one StateFun can and the other cannot (contract 11). */
const OF_PROFILE: Readonly<Record<KindOptions['profile'], readonly Capability[]>> = {
  kzm: ['kafka-headers', 'invalid-record-policy', 'invalid-record-metrics'],
  apache: ['exactly-once-egress'],
}

/** A deployment as tests see it. */
export function kindDeployment(from: KindDeploymentParts): Deployment {
  const { tools, cluster, operator, app, request } = from
  const { profile } = tools.options
  const aws = awsOf(cluster, request.app.name)
  const bootstrap = bootstrapOf(cluster)
  const second = new SecondApps(tools, cluster, operator, request)
  return {
    facts: {
      name: 'kind on flink',
      topology: 'kind',
      engine: 'flink',
      engineTitle: `Flink on Kubernetes (${TITLES[profile]}, operator ${operator.version})`,
      capabilities: [...COMMON, ...OF_PROFILE[profile], ...(request.kinesis ? (['kinesis'] as const) : [])],
      app: request.app.name,
      kafka: { kind: 'broker', bootstrap },
      aws,
    },
    app,
    parts: partsOf(from, bootstrap),
    async deploy(options) {
      const module = moduleSource(request, options.module)
      await Promise.all([makeTopics(bootstrap, module), makeBucketAndStreams(aws, module)])
      return await second.deploy(options)
    },
    async serve(asked, response) {
      if (asked.url !== '/kubernetes') return false
      const namespaces = [NAMESPACE, operator.namespace]
      const files = await Promise.all(namespaces.map((name) => snapshot(cluster.kube, name)))
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
      response.end(
        files
          .flatMap((each, index) =>
            [...each].map(([name, text]) => `=== ${namespaces[index]}/${name}\n${text}\n`),
          )
          .join(''),
      )
      return true
    },
  }
}

const TITLES: Readonly<Record<KindOptions['profile'], string>> = {
  kzm: 'StateFun of kzmlabs',
  apache: 'Apache StateFun 3.3.0',
}

function partsOf(
  { tools, cluster, operator, app, request, image }: KindDeploymentParts,
  bootstrap: string,
): readonly Part[] {
  const { kube, hostPort } = cluster
  const { folder } = request
  const common = (name: keyof typeof SELECTORS) => ({
    name,
    kube,
    namespace: NAMESPACE,
    selector: SELECTORS[name],
    logPath: logPath(folder, name),
  })
  const endpoint = awsOf(cluster, request.app.name).endpoint ?? ''
  return [
    podPart({
      ...common('broker'),
      title: `Kafka (${KAFKA_IMAGE})`,
      reach: bootstrap,
      mortal: true,
      answers: () => untilBrokerAnswers(bootstrap),
    }),
    // What it holds is in its memory: buckets and streams would be gone with the pod. It can be away without that, frozen.
    podPart({
      ...common('localstack'),
      title: `LocalStack (${LOCALSTACK_IMAGE})`,
      reach: endpoint,
      mortal: false,
      signal: (uids, name) => signalPods(tools.engine, cluster.name, uids, name),
    }),
    podPart({
      ...common('functions'),
      title: `function server (${image.tag}, ${Math.round(image.size / 1e6)} MB)`,
      reach: `http://127.0.0.1:${hostPort(FUNCTIONS_NODE_PORT)}/statefun`,
      mortal: true,
    }),
    podPart({
      name: 'operator',
      title: `Flink Kubernetes Operator ${operator.version}`,
      kube,
      namespace: operator.namespace,
      selector: operator.selector,
      logPath: logPath(folder, 'operator'),
      mortal: true,
    }),
    podPart({
      ...common('job-manager'),
      title: 'JobManager',
      reach: app.restUrl,
      mortal: true,
      answers: () => app.untilTasksRun(),
    }),
    podPart({ ...common('worker'), title: 'TaskManager', mortal: true, answers: () => app.untilTasksRun() }),
  ]
}
