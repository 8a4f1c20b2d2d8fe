import { readLog } from '../../process/read-log.ts'
import type { Part, PartName } from '../../topology.ts'
import type { KubeClient } from './kube-client.ts'
import { isReady, type PodObject } from './kube-object.ts'

/** Pods that make up a part. */
export interface PodPartOptions {
  readonly name: PartName
  readonly title: string
  readonly kube: KubeClient
  readonly namespace: string
  /** As in a URL: `app=kafka,component=x`. */
  readonly selector: string
  readonly logPath: string
  readonly reach?: string
  /** Whether a test may delete its pods. */
  readonly mortal: boolean
  /** Stops the processes of pods by their uids, or lets them go on. Left out: they cannot be frozen. */
  readonly signal?: (uids: readonly string[], signal: 'STOP' | 'CONT') => Promise<void>
  /** What has to hold after a restart besides that a pod is ready. */
  readonly answers?: () => Promise<void>
}

const START_TIMEOUT_MS = 180_000

/**
 * A part that runs in pods. To kill it is to delete them without grace; Kubernetes starts others at once, and
 * {@link Part.start} waits for those.
 */
export function podPart(options: PodPartOptions): Part {
  const { name, title, kube, namespace, selector, logPath, reach, mortal, signal } = options
  const pods = `/api/v1/namespaces/${namespace}/pods`
  const list = `${pods}?labelSelector=${encodeURIComponent(selector)}`
  const killed = new Set<string>()
  const found = async () => (await kube.api.json<{ readonly items: readonly PodObject[] }>(list)).items
  const uids = async () => (await found()).map(({ metadata }) => metadata.uid)
  return {
    name,
    title,
    ...(reach === undefined ? {} : { reach }),
    logPath,
    log: () => readLog(logPath),
    ...(signal === undefined
      ? {}
      : {
          pause: async () => signal(await uids(), 'STOP'),
          resume: async () => signal(await uids(), 'CONT'),
        }),
    ...(mortal
      ? {
          async kill() {
            await Promise.all(
              (await found()).map(async ({ metadata }) => {
                killed.add(metadata.uid)
                await kube.api.delete(`${pods}/${metadata.name}`, { gracePeriodSeconds: 0 })
              }),
            )
          },
          async start() {
            await kube.waitForAny<PodObject>(list, {
              what: title,
              timeoutMs: START_TIMEOUT_MS,
              until: (pod) => isReady(pod) && !killed.has(pod.metadata.uid),
            })
            await options.answers?.()
          },
        }
      : {}),
  }
}
