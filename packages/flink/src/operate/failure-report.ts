import type { CoreV1Event } from '@kubernetes/client-node'
import { StatefunError } from '@statefun/protocol'
import type { Cluster } from '../cluster/cluster.ts'
import type { PodReason } from './pod-reasons.ts'
import type { Progress } from './wait-until-ready.ts'

const EVENTS = 8
const LOG_LINES = 20

/** What a person needs to know of a deployment that did not become ready: states, reasons, events, the end of a log. */
export async function failureReport(
  cluster: Cluster,
  namespace: string,
  progress: readonly Progress[],
  reasons: readonly PodReason[],
  events: readonly CoreV1Event[],
): Promise<string> {
  const open = progress.filter(({ ready }) => !ready)
  const lines = open.flatMap(({ what, state, pending }) => [
    `${what}: ${state}`,
    ...pending.map((reason) => `  ${reason}`),
  ])
  const told = warnings(open, reasons, events)
  if (told.length > 0) lines.push('events:', ...told.map((text) => `  ${text}`))
  const crashed = reasons.find((reason) => reason.crashed !== undefined)
  if (crashed !== undefined) lines.push(...(await lastWords(cluster, namespace, crashed)))
  return lines.join('\n')
}

function warnings(
  open: readonly Progress[],
  reasons: readonly PodReason[],
  events: readonly CoreV1Event[],
): readonly string[] {
  const concerned = new Set([...open.map(({ what }) => what.split(' ')[1]), ...reasons.map(({ pod }) => pod)])
  const texts = events
    .filter(({ type, involvedObject }) => type === 'Warning' && concerned.has(involvedObject.name))
    .toSorted((a, b) => momentOf(a) - momentOf(b))
    .map(({ involvedObject, reason, message, count = 1 }) => {
      const times = count > 1 ? ` (${count} times)` : ''
      return `${involvedObject.kind} ${involvedObject.name}: ${reason}: ${message?.trim().split('\n')[0]}${times}`
    })
  return [...new Set(texts)].slice(-EVENTS)
}

function momentOf({ lastTimestamp, eventTime, metadata }: CoreV1Event): number {
  return new Date(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? 0).getTime()
}

/** Of the container that ended, or, if it is not kept any more, of the one that runs now. */
async function lastWords(
  cluster: Cluster,
  namespace: string,
  { pod, crashed }: PodReason,
): Promise<readonly string[]> {
  const container = crashed === undefined ? {} : { container: crashed }
  for (const previous of [true, false]) {
    try {
      const lines: string[] = []
      for await (const line of cluster.logs(namespace, pod, { ...container, previous, tail: LOG_LINES })) {
        // What the node says, with success, of a container that it has cleared away.
        if (!line.startsWith('unable to retrieve container logs')) lines.push(`  ${line}`)
      }
      if (lines.length > 0) return [`end of the log of ${pod}:`, ...lines]
    } catch (error) {
      if (!previous) return [`the log of ${pod} cannot be read: ${StatefunError.from(error).message}`]
    }
  }
  return []
}
