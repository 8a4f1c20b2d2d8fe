import { StatefunError } from '@statefun/protocol'
import type { Dispatcher } from 'undici'
import type { KubernetesObject } from '../manifests/kubernetes-object.ts'
import type { ApplyOptions, LiveObject, WatchEvent } from './cluster.ts'
import { kubeFailure, kubeUnreachable } from './kube-failure.ts'
import { findKubeLogin, type KubeLogin, type KubeOptions } from './kube-login.ts'
import { lines } from './lines.ts'
import { watchObjects } from './watch-objects.ts'

/** A request to the API of a cluster. */
export interface KubeRequest {
  readonly method?: Dispatcher.HttpMethod
  /** Added to those of the path; undefined ones are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: object
  /** Of the body; JSON unless said otherwise. */
  readonly contentType?: string
  readonly signal?: AbortSignal | undefined
}

const REQUEST_MS = 30_000
/** A connection of a watch is renewed after this long, whatever becomes of it. */
const WATCH_SECONDS = 300

/**
 * Finds the API of a cluster as kubectl does.
 *
 * @throws StatefunError `SF_KUBE_CONFIG`
 */
export async function openKubeApi(options: KubeOptions = {}): Promise<KubeApi> {
  return new KubeApi(await findKubeLogin(options))
}

/**
 * The API of a cluster by its paths: objects pass through as they are on the wire. Failures are StatefunErrors as {@link kubeFailure}
 * and {@link kubeUnreachable} make them; a request that is aborted rejects with the reason of its signal.
 */
export class KubeApi {
  readonly server: string
  /** Name of the context, as messages show it. */
  readonly context: string
  /** The namespace of the context. */
  readonly namespace: string
  readonly #login: KubeLogin
  /** Kept: a login makes a new one, with its connections, for each request. */
  #dispatcher: Dispatcher | undefined

  /** Use {@link openKubeApi}. */
  constructor(login: KubeLogin) {
    this.#login = login
    this.server = login.server
    this.context = login.context
    this.namespace = login.namespace
  }

  /** An answer of JSON, within 30 s. */
  async json<T>(path: string, request: KubeRequest = {}): Promise<T> {
    return JSON.parse(await this.text(path, request)) as T
  }

  /** An answer as it is, within 30 s. */
  async text(path: string, request: KubeRequest = {}): Promise<string> {
    const late = AbortSignal.timeout(REQUEST_MS)
    const signal = request.signal === undefined ? late : AbortSignal.any([request.signal, late])
    const body = await this.open(path, { ...request, signal })
    return await body.text()
  }

  /** An object; undefined when there is none, or no such kind. */
  async find<T>(path: string, signal?: AbortSignal): Promise<T | undefined> {
    return await unlessMissing(this.json<T>(path, { signal }))
  }

  /** What is there of a list, and the version to watch it from. */
  async list<T>(
    path: string,
    request: KubeRequest = {},
  ): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }> {
    const { items, metadata } = await this.json<{
      readonly items: readonly T[]
      readonly metadata: { readonly resourceVersion: string }
    }>(path, request)
    return { items, resourceVersion: metadata.resourceVersion }
  }

  /** Server-side apply. */
  async apply(
    path: string,
    object: KubernetesObject,
    { manager = 'statefun', dryRun, force }: ApplyOptions = {},
    signal?: AbortSignal,
  ): Promise<LiveObject> {
    return await this.json(path, {
      method: 'PATCH',
      contentType: 'application/apply-patch+yaml',
      query: { fieldManager: manager, force: force === true, dryRun: dryRun === true ? 'All' : undefined },
      body: object,
      signal,
    })
  }

  /** False when there was nothing. What belongs to it goes in the background. */
  async delete(path: string, query: KubeRequest['query'] = {}): Promise<boolean> {
    const deleted = this.text(path, {
      method: 'DELETE',
      query: { propagationPolicy: 'Background', ...query },
    })
    return (await unlessMissing(deleted)) !== undefined
  }

  /** As {@link watchObjects}: the objects of a list, then their changes until the signal is aborted. */
  watch(
    path: string,
    signal: AbortSignal,
    { selectors = {}, type = {} }: { selectors?: KubeRequest['query']; type?: KubernetesObject } = {},
  ): AsyncIterable<WatchEvent> {
    return watchObjects(
      {
        list: () => this.list(path, { query: selectors, signal }),
        changes: async (resourceVersion) => {
          const query = {
            watch: true,
            allowWatchBookmarks: true,
            resourceVersion,
            timeoutSeconds: WATCH_SECONDS,
          }
          return lines(await this.open(path, { query: { ...query, ...selectors }, signal }))
        },
      },
      type,
      signal,
    )
  }

  /** Opens an answer that may go on without end, and be silent for as long as it likes: a log, a watch. */
  async open(
    path: string,
    { method = 'GET', query = {}, body, contentType = 'application/json', signal }: KubeRequest = {},
  ): Promise<Dispatcher.ResponseData['body']> {
    const [{ request }, { headers, dispatcher }] = await Promise.all([
      import('undici'),
      this.#login.authenticate(),
    ])
    this.#dispatcher ??= dispatcher
    const url = new URL(this.server + path)
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    let response: Dispatcher.ResponseData
    try {
      response = await request(url, {
        method,
        headers: {
          ...headers,
          accept: 'application/json, */*',
          ...(body === undefined ? {} : { 'content-type': contentType }),
        },
        bodyTimeout: 0,
        headersTimeout: REQUEST_MS,
        ...(signal === undefined ? {} : { signal }),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(this.#dispatcher === undefined ? {} : { dispatcher: this.#dispatcher }),
      })
    } catch (cause) {
      if (signal?.aborted === true && signal.reason?.name !== 'TimeoutError') throw signal.reason
      throw kubeUnreachable(this.server, this.context, cause)
    }
    if (response.statusCode >= 200 && response.statusCode < 300) return response.body
    throw kubeFailure(response.statusCode, await response.body.text(), `${method} ${path}`)
  }

  /** Ends idle connections. */
  close(): void {
    void this.#dispatcher?.destroy()
  }
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (StatefunError.from(error).code === 'SF_KUBE_NOT_FOUND') return undefined
    throw error
  }
}
