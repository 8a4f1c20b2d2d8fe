import type { KubernetesObject } from '../manifests/kubernetes-object.ts'
import type { Manifest } from '../render/manifests-of.ts'
import type { ResourceKind } from './resource-kind.ts'

/** An object as a cluster gives it. */
export type LiveObject = KubernetesObject & {
  readonly spec?: unknown
  readonly status?: unknown
  readonly data?: Readonly<Record<string, string>>
}

/** What happened to an object. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: LiveObject
}

/** Options of {@link Cluster.apply}. */
export interface ApplyOptions {
  /** Who owns the fields that are applied; default `statefun`. */
  readonly manager?: string
  /** Nothing is kept; the answer is what would be there. */
  readonly dryRun?: boolean
  /** Takes over fields that another manager owns, in place of failing with `SF_KUBE_CONFLICT`. */
  readonly force?: boolean
}

/** Options of {@link Cluster.logs}. */
export interface LogOptions {
  readonly container?: string
  readonly follow?: boolean
  /** Lines from the end. */
  readonly tail?: number
  readonly sinceSeconds?: number
  /** Of the container that ran before the last restart. */
  readonly previous?: boolean
  readonly signal?: AbortSignal
}

/**
 * What is needed of a Kubernetes cluster, and no more; tests have one in memory. All of it throws StatefunErrors:
 * `SF_KUBE_UNREACHABLE`, `SF_KUBE_REFUSED` (401, 403), `SF_KUBE_NOT_FOUND`, `SF_KUBE_CONFLICT`, `SF_KUBE_INVALID` (what the
 * API or an admission webhook does not accept), `SF_KUBE_FAILED`.
 */
export interface Cluster {
  /** Name of the context, as messages show it. */
  readonly context: string
  /** The namespace of the context. */
  readonly namespace: string
  /** Undefined when there is none, or no such kind. */
  get(kind: ResourceKind, namespace: string, name: string): Promise<LiveObject | undefined>
  /** @param selector of labels: `a=b,c=d` */
  list(kind: ResourceKind, namespace: string, selector?: string): Promise<readonly LiveObject[]>
  /** Server-side apply. */
  apply(manifest: Manifest, options?: ApplyOptions): Promise<LiveObject>
  /** False when there was none. What belongs to it goes in the background. */
  delete(kind: ResourceKind, namespace: string, name: string): Promise<boolean>
  /** What is there, as `ADDED`, and then each change until `signal` is aborted; connects again by itself. */
  watch(
    kind: ResourceKind,
    namespace: string,
    options: { selector?: string; signal: AbortSignal },
  ): AsyncIterable<WatchEvent>
  /** Lines of a pod's log. */
  logs(namespace: string, pod: string, options?: LogOptions): AsyncIterable<string>
}
