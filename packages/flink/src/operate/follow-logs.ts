import { StatefunError } from '@statefun/protocol'
import type { Cluster, LiveObject, LogOptions } from '../cluster/cluster.ts'
import { KINDS } from '../cluster/resource-kind.ts'
import { COMPONENT_LABEL, NAME_LABEL } from '../manifests/labels.ts'

/** Parts of an app whose pods have logs. */
export const LOG_COMPONENTS = ['jobmanager', 'taskmanager', 'functions', 'engine'] as const
export type LogComponent = (typeof LOG_COMPONENTS)[number]

/** Options of {@link showLogs}. */
export interface ShowLogsOptions extends Pick<LogOptions, 'follow' | 'tail' | 'sinceSeconds' | 'previous'> {
  /** All when left out. */
  readonly component?: LogComponent
  readonly signal: AbortSignal
  onLine(pod: string, line: string): void
}

/**
 * The logs of an app's pods: one pod after the other, or with `follow` all at once, new pods too, until the signal is aborted.
 *
 * @returns how many pods there were
 */
export async function showLogs(
  cluster: Cluster,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  options: ShowLogsOptions,
): Promise<number> {
  const selector = `${NAME_LABEL}=${name}`
  const shown = async (pod: LiveObject) => {
    const id = pod.metadata?.name ?? ''
    const { follow, tail, sinceSeconds, previous, signal } = options
    const given = Object.fromEntries(
      Object.entries({ follow, tail, sinceSeconds, previous }).filter(([, value]) => value !== undefined),
    )
    try {
      for await (const line of cluster.logs(namespace, id, { ...given, signal })) options.onLine(id, line)
    } catch (error) {
      if (options.signal.aborted) return false
      const { code, message } = StatefunError.from(error)
      // Its container has not begun, or the pod has gone meanwhile: the next one is what matters.
      const passing = code === 'SF_KUBE_INVALID' || code === 'SF_KUBE_NOT_FOUND'
      if (follow !== true && !passing) throw error
      if (follow !== true || !passing) options.onLine(id, `(no log: ${message})`)
      return false
    }
    return true
  }
  if (options.follow !== true) {
    const pods = (await cluster.list(KINDS.pod, namespace, selector)).filter((pod) =>
      isOf(pod, options.component),
    )
    for (const pod of pods) await shown(pod)
    return pods.length
  }
  const followed = new Map<string, Promise<unknown>>()
  for await (const { type, object } of cluster.watch(KINDS.pod, namespace, {
    selector,
    signal: options.signal,
  })) {
    const id = object.metadata?.uid ?? object.metadata?.name ?? ''
    if (type === 'DELETED' || followed.has(id) || !isOf(object, options.component) || !hasBegun(object))
      continue
    // One that could not be read is tried again at its next change.
    followed.set(
      id,
      shown(object).then((read) => (read ? undefined : followed.delete(id))),
    )
  }
  await Promise.all(followed.values())
  return followed.size
}

function isOf({ metadata }: LiveObject, component: LogComponent | undefined): boolean {
  const labels = metadata?.labels ?? {}
  return component === undefined || labels.component === component || labels[COMPONENT_LABEL] === component
}

function hasBegun({ status }: LiveObject): boolean {
  const { phase } = (status ?? {}) as { phase?: string }
  return phase === 'Running' || phase === 'Succeeded' || phase === 'Failed'
}
