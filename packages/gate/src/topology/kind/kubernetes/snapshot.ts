import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import { stringify } from 'yaml'
import type { KubeClient } from './kube-client.ts'
import type { KubeObject, PodObject } from './kube-object.ts'
import { hopelessReason } from './rollout.ts'

interface EventObject extends KubeObject {
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly count?: number
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
  readonly involvedObject: { readonly kind: string; readonly name: string }
}

/** Kinds that are kept as they are, with their status: file and path below a namespace. */
const KEPT: Readonly<Record<string, string>> = {
  'flinkdeployments.yaml': '/apis/flink.apache.org/v1beta1/namespaces/{namespace}/flinkdeployments',
  'pods.yaml': '/api/v1/namespaces/{namespace}/pods',
  'deployments.yaml': '/apis/apps/v1/namespaces/{namespace}/deployments',
  'configmaps.yaml': '/api/v1/namespaces/{namespace}/configmaps',
}

/**
 * What Kubernetes knows of a namespace, as text by name of file: objects with their status, events in order, an overview of
 * pods, the logs of containers that were replaced.
 */
export async function snapshot(kube: KubeClient, namespace: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  const keep = async (name: string, read: () => Promise<string>) => {
    try {
      files.set(name, await read())
    } catch (error) {
      files.set(name, `${StatefunError.from(error).format()}\n`)
    }
  }
  const pods = await items<PodObject>(kube, `/api/v1/namespaces/${namespace}/pods`).catch(() => [])
  await Promise.all([
    ...Object.entries(KEPT).map(([name, path]) =>
      keep(name, async () =>
        (await items(kube, path.replace('{namespace}', namespace)))
          .map(withoutManagers)
          .map(document)
          .join('---\n'),
      ),
    ),
    keep('events.txt', async () =>
      eventLines(await items<EventObject>(kube, `/api/v1/namespaces/${namespace}/events`)),
    ),
    keep('overview.txt', async () => pods.map(podLine).join('')),
    ...pods.flatMap((pod) =>
      (pod.status?.containerStatuses ?? [])
        .filter(({ restartCount }) => restartCount > 0)
        .map(({ name }) =>
          keep(`previous-${pod.metadata.name}-${name}.log`, () =>
            kube.api.text(
              `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/log?container=${name}&previous=true`,
            ),
          ),
        ),
    ),
  ])
  return files
}

/** Writes {@link snapshot} into a folder, which is made. */
export async function writeSnapshot(kube: KubeClient, namespace: string, folder: string): Promise<void> {
  const files = await snapshot(kube, namespace)
  await mkdir(folder, { recursive: true })
  await Promise.all([...files].map(([name, text]) => writeFile(join(folder, name), text)))
}

async function items<T extends KubeObject>(kube: KubeClient, path: string): Promise<readonly T[]> {
  return (await kube.api.json<{ readonly items: readonly T[] }>(path)).items
}

/** Who set which field fills pages and tells nothing of a failure. */
function withoutManagers(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata } as KubeObject
}

function document(object: KubeObject): string {
  return stringify(object)
}

function eventLines(events: readonly EventObject[]): string {
  const at = ({ lastTimestamp, eventTime, metadata }: EventObject) =>
    lastTimestamp ?? eventTime ?? String(metadata.creationTimestamp ?? '')
  return [...events]
    .sort((a, b) => (at(a) < at(b) ? -1 : 1))
    .map((event) => {
      const { kind, name } = event.involvedObject
      const times = (event.count ?? 1) > 1 ? ` (${event.count} times)` : ''
      return `${at(event)} ${event.type} ${event.reason} ${kind}/${name}: ${event.message}${times}\n`
    })
    .join('')
}

function podLine(pod: PodObject): string {
  const { metadata, status } = pod
  const containers = (status?.containerStatuses ?? [])
    .map(({ name, ready, restartCount, state, lastState }) => {
      const now = Object.keys(state ?? {})[0] ?? 'unknown'
      const last = lastState?.terminated
      const before = last === undefined ? '' : `, before ${last.reason} (exit code ${last.exitCode})`
      return `${name} ${now}${ready ? ' ready' : ''}, ${restartCount} restarts${before}`
    })
    .join('; ')
  const reason =
    hopelessReason(pod)?.text ??
    (status?.conditions ?? []).find(({ status, message }) => status === 'False' && message !== undefined)
      ?.message
  return `${metadata.name} ${status?.phase}: ${containers}${reason === undefined ? '' : ` - ${reason}`}\n`
}
