import { readFile } from 'node:fs/promises'
import { ControlClient } from '../control/control-client.ts'
import type { PartFacts } from '../run/run-events.ts'
import type { DeploymentAccess } from '../topology/deployment-access.ts'
import type { AppUnderTest, PartName } from '../topology/topology.ts'
import { bucketListing } from './bucket-listing.ts'
import { flinkRest } from './flink-rest.ts'
import { inProcessTails } from './in-process-tails.ts'
import { redact, redactLog } from './redact.ts'
import { streamTails } from './stream-tails.ts'
import type { Tail } from './tail-record.ts'

/** Something that is kept of a deployment, in a file of its own. */
export interface Collector {
  /** What a report calls it: `Bucket listing`. */
  readonly title: string
  /** Name of its file. */
  readonly file: string
  /** The text of the file; throws when it cannot be had. */
  readonly collect: (signal: AbortSignal) => Promise<string>
}

/** Records kept of each partition or shard. */
const KEPT_RECORDS = 100

/** What can be kept of a deployment as it is now, besides its records. */
export function collectorsOf(
  access: DeploymentAccess,
  parts: readonly PartFacts[],
  app: AppUnderTest,
): readonly Collector[] {
  const { aws, topology, engine } = access
  const control = new ControlClient(access.control)
  const appPath = `/apps/${encodeURIComponent(access.app)}`
  const fromControl = (path: string) => async (signal: AbortSignal) =>
    await (await control.request('GET', path, undefined, { signal })).text()
  const rest = partNamed(parts, 'job-manager')?.reach
  return [
    { title: 'Metrics', file: 'metrics.txt', collect: fromControl(`${appPath}/metrics`) },
    { title: 'Status of the app', file: 'status.json', collect: fromControl(`${appPath}/status`) },
    ...(engine === 'flink' && rest?.startsWith('http')
      ? [
          {
            title: 'Flink, as its REST API tells',
            file: 'flink.json',
            collect: async (signal: AbortSignal) => redact(await flinkRest(rest, signal)),
          },
        ]
      : []),
    ...(aws?.endpoint !== undefined && aws.checkpoints !== undefined
      ? [bucket(aws, aws.checkpoints.bucket)]
      : []),
    ...parts.flatMap(({ name, logPath }) =>
      logPath === undefined
        ? [
            {
              title: `Log of ${name}`,
              file: `${name}.log`,
              collect: async (signal: AbortSignal) =>
                redactLog(await fromControl(`/parts/${name}/log`)(signal)),
            },
          ]
        : [],
    ),
    ...(topology === 'kind'
      ? [
          {
            title: 'What Kubernetes knows: objects, events, pods',
            file: 'kubernetes.txt',
            collect: async (signal: AbortSignal) => redact(await fromControl('/kubernetes')(signal)),
          },
        ]
      : []),
    { title: 'module.yaml', file: 'module.yaml', collect: () => configuration(app.module) },
    {
      title: 'Configuration of the app',
      file: 'statefun.config.txt',
      collect: () => configuration(app.config),
    },
    {
      title: 'Deployment',
      file: 'deployment.json',
      collect: async () => deploymentJson(access, topology, parts),
    },
  ]
}

function bucket(aws: NonNullable<DeploymentAccess['aws']>, name: string): Collector {
  return {
    title: 'Bucket listing',
    file: 'bucket.txt',
    collect: (signal) => bucketListing(aws, name, signal),
  }
}

/** The last records of all topics and streams of a deployment, from each place that answers. */
export function tailsOf(access: DeploymentAccess, signal: AbortSignal): readonly Promise<readonly Tail[]>[] {
  const { kafka, aws, control } = access
  return [
    kafka.kind === 'broker'
      ? fromBroker(kafka.bootstrap, signal)
      : inProcessTails(new ControlClient(control), KEPT_RECORDS, signal),
    ...(aws?.kinesis === 'localstack' && access.capabilities.includes('kinesis')
      ? [streamTails(aws, KEPT_RECORDS, signal)]
      : []),
  ]
}

/** The client is loaded only where there is a broker. */
async function fromBroker(bootstrap: string, signal: AbortSignal): Promise<readonly Tail[]> {
  const { kafkaTails } = await import('./kafka-tails.ts')
  return await kafkaTails(bootstrap, KEPT_RECORDS, signal)
}

async function configuration(path: string): Promise<string> {
  return redact(await readFile(path, 'utf8'))
}

function deploymentJson(access: DeploymentAccess, topology: string, parts: readonly PartFacts[]): string {
  const { control: _, aws, ...facts } = access
  const { credentials: __, ...place } = aws ?? { credentials: undefined }
  return `${JSON.stringify({ ...facts, topology, ...(aws === undefined ? {} : { aws: place }), parts }, null, 2)}\n`
}

function partNamed(parts: readonly PartFacts[], name: PartName): PartFacts | undefined {
  return parts.find((part) => part.name === name)
}
