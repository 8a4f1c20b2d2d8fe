import type { KubeObject } from '../kubernetes/kube-object.ts'

/** What {@link singlePod} is made of. */
export interface SinglePodOptions {
  /** Also that of its container. */
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly image: string
  readonly ports: readonly number[]
  readonly env: Readonly<Record<string, string>>
  readonly readinessProbe: object
  readonly graceSeconds: number
  /** Further fields of the container. */
  readonly container?: object
  /** Further fields of the pod. */
  readonly pod?: object
}

/** A Deployment of one pod with one container, which is gone before another one comes. */
export function singlePod(from: SinglePodOptions): KubeObject {
  const { name, namespace, labels, image, ports, env, readinessProbe, graceSeconds } = from
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          // Otherwise a variable such as KAFKA_PORT of a Service would be taken for a setting.
          enableServiceLinks: false,
          terminationGracePeriodSeconds: graceSeconds,
          containers: [
            {
              name,
              image,
              imagePullPolicy: 'IfNotPresent',
              ports: ports.map((containerPort) => ({ containerPort })),
              env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
              readinessProbe,
              resources: { requests: { cpu: '100m', memory: '512Mi' } },
              ...from.container,
            },
          ],
          ...from.pod,
        },
      },
    },
  }
}
