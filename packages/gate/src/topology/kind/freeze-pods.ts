import type { ContainerEngine } from '@statefun/flink'
import { nodeName } from './kind-cluster.ts'

/**
 * Stops the processes of pods where they are, or lets them go on: what they hold in memory stays, and nothing answers.
 *
 * @param uids of the pods
 */
export async function signalPods(
  engine: ContainerEngine,
  cluster: string,
  uids: readonly string[],
  signal: 'STOP' | 'CONT',
): Promise<void> {
  if (uids.length === 0) return
  await engine.run(['exec', nodeName(cluster), 'sh', '-c', signalScript(uids, signal)])
}

/**
 * Finds processes by their control groups, which have the pod's uid in their names, with "-" or "_". The one that only holds the
 * pod's network stays as it is.
 */
export function signalScript(uids: readonly string[], signal: 'STOP' | 'CONT'): string {
  const pods = uids.map((uid) => uid.replaceAll('-', '[-_]')).join('|')
  return [
    `for file in $(grep -lsE 'pod(${pods})' /proc/[0-9]*/cgroup); do`,
    'process=$(basename "$(dirname "$file")")',
    `[ "$(cat "/proc/$process/comm")" = pause ] || kill -${signal} "$process"`,
    'done',
  ].join('\n')
}
