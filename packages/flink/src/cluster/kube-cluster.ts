import type { KubeConfig } from '@kubernetes/client-node'
import { StatefunError } from '@statefun/protocol'
import type { Dispatcher } from 'undici'
import type { Manifest } from '../render/manifests-of.ts'
import type { ApplyOptions, Cluster, LiveObject, LogOptions, WatchEvent } from './cluster.ts'
import { kubeFailure, kubeUnreachable } from './kube-failure.ts'
import { lines } from './lines.ts'
import { apiPath, kindOf, type ResourceKind } from './resource-kind.ts'
import { watchObjects } from './watch-objects.ts'

/** Which cluster is meant; what is left out is found as kubectl finds it. */
export interface KubeOptions {
  /** Default: `KUBECONFIG`, else `~/.kube/config`, else the account of the pod that this runs in. */
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace?: string
}

const REQUEST_MS = 30_000
/** A connection of a watch is renewed after this long, whatever becomes of it. */
const WATCH_SECONDS = 300

type Query = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * A cluster reached as kubectl reaches it: files, contexts, tokens, certificates and login helpers are those of the
 * official client, which is loaded with the first call.
 *
 * @throws StatefunError `SF_KUBE_CONFIG`
 */
export async function openKubeCluster(options: KubeOptions = {}): Promise<Cluster> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  try {
    if (options.kubeconfig === undefined) config.loadFromDefault()
    else config.loadFromFile(options.kubeconfig)
  } catch (cause) {
    throw new StatefunError('SF_KUBE_CONFIG', 'the configuration of kubectl cannot be read', {
      ...(options.kubeconfig === undefined ? {} : { where: options.kubeconfig }),
      hint: 'name a file with --kubeconfig or KUBECONFIG',
      cause,
    })
  }
  if (options.context !== undefined) {
    const names = config.getContexts().map(({ name }) => name)
    if (!names.includes(options.context)) {
      throw new StatefunError('SF_KUBE_CONFIG', `there is no context "${options.context}"`, {
        hint: `there are: ${names.join(', ') || 'none'}`,
      })
    }
    config.setCurrentContext(options.context)
  }
  const server = config.getCurrentCluster()?.server
  if (server === undefined) {
    throw new StatefunError('SF_KUBE_CONFIG', 'the configuration of kubectl names no cluster', {
      hint: 'choose one with --context or "kubectl config use-context"',
    })
  }
  const context = config.getContextObject(config.getCurrentContext())
  return new KubeCluster(
    config,
    server.replace(/\/+$/, ''),
    options.namespace ?? context?.namespace ?? 'default',
  )
}

class KubeCluster implements Cluster {
  readonly namespace: string
  readonly #config: KubeConfig
  readonly #server: string
  /** Kept: the client makes a new one, with its connections, for each request. */
  #dispatcher: Dispatcher | undefined

  constructor(config: KubeConfig, server: string, namespace: string) {
    this.#config = config
    this.#server = server
    this.namespace = namespace
  }

  get context(): string {
    return this.#config.getCurrentContext()
  }

  async get(kind: ResourceKind, namespace: string, name: string): Promise<LiveObject | undefined> {
    try {
      return (await this.#json('GET', apiPath(kind, namespace, name))) as LiveObject
    } catch (error) {
      if (StatefunError.from(error).code === 'SF_KUBE_NOT_FOUND') return undefined
      throw error
    }
  }

  async list(kind: ResourceKind, namespace: string, selector?: string): Promise<readonly LiveObject[]> {
    return (await this.#list(kind, namespace, selector)).items
  }

  async apply(manifest: Manifest, options: ApplyOptions = {}): Promise<LiveObject> {
    const { name, namespace } = manifest.metadata
    const query = {
      fieldManager: options.manager ?? 'statefun',
      force: options.force === true,
      ...(options.dryRun === true ? { dryRun: 'All' } : {}),
    }
    const path = apiPath(kindOf(manifest), namespace, name)
    return (await this.#json('PATCH', path, query, JSON.stringify(manifest))) as LiveObject
  }

  async delete(kind: ResourceKind, namespace: string, name: string): Promise<boolean> {
    try {
      await this.#json('DELETE', apiPath(kind, namespace, name), { propagationPolicy: 'Background' })
      return true
    } catch (error) {
      if (StatefunError.from(error).code === 'SF_KUBE_NOT_FOUND') return false
      throw error
    }
  }

  watch(
    kind: ResourceKind,
    namespace: string,
    { selector, signal }: { selector?: string; signal: AbortSignal },
  ): AsyncIterable<WatchEvent> {
    return watchObjects(
      {
        list: () => this.#list(kind, namespace, selector),
        changes: async (resourceVersion) => {
          const query = {
            watch: true,
            allowWatchBookmarks: true,
            resourceVersion,
            timeoutSeconds: WATCH_SECONDS,
            labelSelector: selector,
          }
          return lines(await this.#request('GET', apiPath(kind, namespace), { query, signal }))
        },
      },
      { apiVersion: kind.apiVersion, kind: kind.kind },
      signal,
    )
  }

  async *logs(namespace: string, pod: string, options: LogOptions = {}): AsyncIterable<string> {
    const { container, follow, tail, sinceSeconds, previous, signal } = options
    const query = { container, follow, tailLines: tail, sinceSeconds, previous }
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`
    const limit = signal ?? AbortSignal.timeout(REQUEST_MS)
    yield* lines(await this.#request('GET', path, { query, signal: limit }))
  }

  async #list(kind: ResourceKind, namespace: string, selector: string | undefined) {
    const { items, metadata } = (await this.#json('GET', apiPath(kind, namespace), {
      labelSelector: selector,
    })) as { items: LiveObject[]; metadata: { resourceVersion: string } }
    // A list names the kind once, for all.
    const full = items.map((item) => ({ apiVersion: kind.apiVersion, kind: kind.kind, ...item }))
    return { items: full, resourceVersion: metadata.resourceVersion }
  }

  async #json(
    method: Dispatcher.HttpMethod,
    path: string,
    query: Query = {},
    body?: string,
  ): Promise<unknown> {
    const response = await this.#request(method, path, {
      query,
      signal: AbortSignal.timeout(REQUEST_MS),
      ...(body === undefined ? {} : { body }),
    })
    return await response.json()
  }

  async #request(
    method: Dispatcher.HttpMethod,
    path: string,
    { query, signal, body }: { query: Query; signal: AbortSignal; body?: string },
  ): Promise<Dispatcher.ResponseData['body']> {
    const [{ request }, headers] = await Promise.all([import('undici'), this.#headers()])
    const url = new URL(this.#server + path)
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    let response: Dispatcher.ResponseData
    try {
      response = await request(url, {
        method,
        headers: { ...headers, accept: 'application/json', ...(body === undefined ? {} : APPLY) },
        // A watch or a log that is followed may be silent for as long as it likes.
        bodyTimeout: 0,
        headersTimeout: REQUEST_MS,
        signal,
        ...(body === undefined ? {} : { body }),
        ...(this.#dispatcher === undefined ? {} : { dispatcher: this.#dispatcher }),
      })
    } catch (cause) {
      throw kubeUnreachable(this.#server, this.context, cause)
    }
    if (response.statusCode >= 200 && response.statusCode < 300) return response.body
    throw kubeFailure(response.statusCode, await response.body.text(), `${method} ${path}`)
  }

  /** Who asks; a login helper may have a new token by now. */
  async #headers(): Promise<Record<string, string>> {
    const { HttpMethod, RequestContext } = await import('@kubernetes/client-node')
    const context = new RequestContext(this.#server, HttpMethod.GET)
    try {
      await this.#config.applySecurityAuthentication(context)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new StatefunError('SF_KUBE_CONFIG', `the login of kubectl failed: ${reason}`, {
        where: `context ${this.context}`,
        hint: 'try "kubectl get pods" and mend what it says',
        cause,
      })
    }
    this.#dispatcher ??= context.getDispatcher() as Dispatcher | undefined
    return context.getHeaders()
  }
}

const APPLY = { 'content-type': 'application/apply-patch+yaml' }
