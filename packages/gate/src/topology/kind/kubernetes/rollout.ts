import { StatefunError } from '@statefun/protocol'
import type { KubeClient } from './kube-client.ts'
import type { KubeObject, PodObject } from './kube-object.ts'

interface DeploymentObject extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly generation: number }
  readonly spec: { readonly replicas?: number }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly availableReplicas?: number
  }
}

/** How {@link untilRolledOut} waits. */
export interface RolloutOptions {
  /** What a person calls it. */
  readonly what: string
  readonly timeoutMs: number
  /** Of its pods, as in a URL. */
  readonly selector: string
  readonly signal?: AbortSignal
}

/**
 * Watches a Deployment until all its pods are those of its newest form and ready. A pod that cannot start says why at once;
 * one that has given up before, on a cluster that was kept, is replaced: what kept it from starting may be gone by now.
 *
 * @throws StatefunError `SF_GATE_POD`, `SF_GATE_START_TIMEOUT`
 */
export async function untilRolledOut(
  kube: KubeClient,
  namespace: string,
  name: string,
  { what, timeoutMs, selector, signal }: RolloutOptions,
): Promise<void> {
  const done = new AbortController()
  const both = signal === undefined ? done.signal : AbortSignal.any([done.signal, signal])
  const pods = `/api/v1/namespaces/${namespace}/pods`
  const list = `${pods}?labelSelector=${encodeURIComponent(selector)}`
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`
  const wait = { what, timeoutMs, signal: both }
  const replaced = await replaceHopeless()
  const rolledOut = kube.waitFor<DeploymentObject>(path, {
    ...wait,
    until: ({ metadata, spec, status }) =>
      status?.observedGeneration === metadata.generation &&
      status.updatedReplicas === spec.replicas &&
      status.replicas === spec.replicas &&
      status.availableReplicas === spec.replicas,
  })
  const hopeless = newestPods()
    .then((owner) =>
      kube.waitForAny<PodObject>(list, {
        ...wait,
        until: (pod) =>
          isOwnedBy(pod, owner) && !replaced.has(pod.metadata.uid) && hopelessReason(pod) !== undefined,
      }),
    )
    .then(async (pod) => {
      const why = hopelessReason(pod)
      const said = await lastWords(kube, namespace, pod)
      throw new StatefunError('SF_GATE_POD', `${what}: pod ${pod.metadata.name} cannot start: ${why?.text}`, {
        ...(said === '' ? {} : { excerpt: said }),
        ...(why === undefined ? {} : { hint: why.hint }),
      })
    })
  try {
    await Promise.race([rolledOut, hopeless])
  } finally {
    done.abort()
    await Promise.allSettled([rolledOut, hopeless])
  }

  async function replaceHopeless(): Promise<ReadonlySet<string>> {
    const { items } = await kube.api.json<{ readonly items: readonly PodObject[] }>(list, { signal: both })
    const given = items.filter((pod) => hopelessReason(pod) !== undefined)
    await Promise.all(
      given.map(({ metadata }) => kube.api.delete(`${pods}/${metadata.name}`, { gracePeriodSeconds: 0 })),
    )
    return new Set(given.map(({ metadata }) => metadata.uid))
  }

  /** The ReplicaSet of the newest form: pods of an older one may be as broken as they like. */
  async function newestPods(): Promise<string> {
    await kube.waitFor<DeploymentObject>(path, {
      ...wait,
      until: ({ metadata, status }) => status?.observedGeneration === metadata.generation,
    })
    const sets = `/apis/apps/v1/namespaces/${namespace}/replicasets?labelSelector=${encodeURIComponent(selector)}`
    const { items } = await kube.api.json<{ readonly items: readonly OwnedObject[] }>(sets, { signal: both })
    return items.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0]?.metadata.uid ?? ''
  }
}

interface OwnedObject extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly uid: string
    readonly annotations?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly { readonly uid: string }[]
  }
}

function revisionOf({ metadata }: OwnedObject): number {
  return Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0)
}

function isOwnedBy(pod: PodObject, owner: string): boolean {
  return ((pod as OwnedObject).metadata.ownerReferences ?? []).some(({ uid }) => uid === owner)
}

const SHOWN_LINES = 20

/** What the containers of a pod said before they ended last. */
async function lastWords(
  kube: KubeClient,
  namespace: string,
  { metadata, status }: PodObject,
): Promise<string> {
  const restarted = (status?.containerStatuses ?? []).filter(({ restartCount }) => restartCount > 0)
  const texts = await Promise.all(
    restarted.map(({ name }) => {
      const query = `container=${name}&previous=true&tailLines=${SHOWN_LINES}`
      // The kubelet may have taken the container away by now.
      return kube.api
        .text(`/api/v1/namespaces/${namespace}/pods/${metadata.name}/log?${query}`)
        .catch(() => '')
    }),
  )
  return texts.join('\n').trim()
}

/** Restarts of a container after which it will not come up any more. */
const HOPELESS_RESTARTS = 2

/** Why a pod will not start however long one waits; undefined while it may. */
export function hopelessReason(pod: PodObject): { readonly text: string; readonly hint: string } | undefined {
  for (const { name, state, lastState, restartCount } of pod.status?.containerStatuses ?? []) {
    const waiting = state?.waiting
    const image = pod.spec.containers.find((container) => container.name === name)?.image
    if (waiting?.reason !== undefined && /^(?:ErrImage|ImagePull|InvalidImage)/.test(waiting.reason)) {
      return {
        text: `${waiting.reason} ${image}: ${waiting.message ?? ''}`,
        hint: 'the image has to be in the local engine, or where the cluster pulls from (IMAGE_REGISTRY_PREFIX)',
      }
    }
    if (waiting?.reason === 'CrashLoopBackOff' && restartCount >= HOPELESS_RESTARTS) {
      const exit = lastState?.terminated
      return {
        text: `its container "${name}" (${image}) ends again and again, last with ${exit?.reason ?? 'an error'}, exit code ${exit?.exitCode}`,
        hint: 'see its log in the folder of the run',
      }
    }
  }
  return undefined
}
