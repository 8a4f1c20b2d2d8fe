import type { RunEvents } from '../../run/run-events.ts'
import type { RunObserver } from '../../run/run-observer.ts'
import { DEFAULT_CLUSTER } from './kind-options.ts'
import { NAMESPACE } from './kind-places.ts'

/** Says at the end of a run that keeps its cluster how a person looks into it, and how it is ended. */
export function kindObserver(env: NodeJS.ProcessEnv = process.env): RunObserver {
  const cluster = env.STATEFUN_KIND_CLUSTER || DEFAULT_CLUSTER
  let events: RunEvents | undefined
  let keep = false
  return {
    begin(context) {
      events = context.events
      keep = context.request.keep
    },
    async beforeStop(deployments) {
      if (!keep || !deployments.some(({ topology }) => topology === 'kind')) return
      for (const text of keptNotes(cluster)) events?.emit({ type: 'note', level: 'info', text })
    },
  }
}

/** Commands for a kept cluster. */
export function keptNotes(cluster: string): readonly string[] {
  return [
    `kubectl get pods -n ${NAMESPACE}`,
    `kubectl logs -n ${NAMESPACE} -l component=jobmanager --tail=200`,
    `the cluster stays for the next run, until: kind delete cluster --name ${cluster}`,
  ]
}
