import type { Manifest } from '../render/manifests-of.ts'
import type { ApplyOptions, Cluster, LiveObject, LogOptions, WatchEvent } from './cluster.ts'
import { type KubeApi, openKubeApi } from './kube-api.ts'
import type { KubeOptions } from './kube-login.ts'
import { lines } from './lines.ts'
import { apiPath, kindOf, type ResourceKind } from './resource-kind.ts'

/** Lines of a log that is not followed come within this time. */
const LOG_MS = 30_000

/**
 * A cluster reached as kubectl reaches it.
 *
 * @throws StatefunError `SF_KUBE_CONFIG`
 */
export async function openKubeCluster(options: KubeOptions = {}): Promise<Cluster> {
  return new KubeCluster(await openKubeApi(options))
}

class KubeCluster implements Cluster {
  readonly #api: KubeApi

  constructor(api: KubeApi) {
    this.#api = api
  }

  get context(): string {
    return this.#api.context
  }

  get namespace(): string {
    return this.#api.namespace
  }

  get(kind: ResourceKind, namespace: string, name: string): Promise<LiveObject | undefined> {
    return this.#api.find(apiPath(kind, namespace, name))
  }

  async list(type: ResourceKind, namespace: string, selector?: string): Promise<readonly LiveObject[]> {
    const query = { labelSelector: selector }
    const { items } = await this.#api.list<LiveObject>(apiPath(type, namespace), { query })
    const { apiVersion, kind } = type
    // A list names the kind once, for all.
    return items.map((item) => ({ apiVersion, kind, ...item }))
  }

  apply(manifest: Manifest, options: ApplyOptions = {}): Promise<LiveObject> {
    const { name, namespace } = manifest.metadata
    return this.#api.apply(apiPath(kindOf(manifest), namespace, name), manifest, options)
  }

  delete(kind: ResourceKind, namespace: string, name: string): Promise<boolean> {
    return this.#api.delete(apiPath(kind, namespace, name))
  }

  watch(
    type: ResourceKind,
    namespace: string,
    { selector, signal }: { selector?: string; signal: AbortSignal },
  ): AsyncIterable<WatchEvent> {
    const { apiVersion, kind } = type
    return this.#api.watch(apiPath(type, namespace), signal, {
      selectors: { labelSelector: selector },
      type: { apiVersion, kind },
    })
  }

  async *logs(namespace: string, pod: string, options: LogOptions = {}): AsyncIterable<string> {
    const { container, follow, tail, sinceSeconds, previous, signal } = options
    const query = { container, follow, tailLines: tail, sinceSeconds, previous }
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`
    yield* lines(await this.#api.open(path, { query, signal: signal ?? AbortSignal.timeout(LOG_MS) }))
  }
}
