import { type IncomingMessage, request } from 'node:http'
import { Agent, request as secureRequest } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { StatefunError } from '@statefun/protocol'
import { parse } from 'yaml'
import type { KubeObject } from './kube-object.ts'

interface KubeConfigFile {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string }
  }[]
  readonly users: readonly {
    readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string }
  }[]
}

/** A request to the API server. */
export interface KubeRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly body?: object
  readonly contentType?: string
  readonly signal?: AbortSignal | undefined
}

/** How to wait for an object, see {@link KubeClient.waitFor}. */
export interface WaitOptions<T> {
  /** `deployment kafka`, for messages. */
  readonly what: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Throws when what it waits for cannot come any more. */
  readonly until: (object: T) => boolean
}

const FIELD_MANAGER = 'statefun-gate'

/**
 * The API of the cluster that a run made, spoken as it is on the wire. Objects pass through unread: the CRDs hold fields that
 * typed clients drop.
 */
export class KubeClient {
  readonly server: URL
  readonly #agent: Agent | undefined
  readonly #resources = new Map<string, Promise<readonly ApiResource[]>>()

  private constructor(server: URL, agent: Agent | undefined) {
    this.server = server
    this.#agent = agent
  }

  /** @param kubeconfig text of a configuration with one cluster and a client certificate, as `kind get kubeconfig` prints it */
  static of(kubeconfig: string): KubeClient {
    const { clusters, users } = parse(kubeconfig) as KubeConfigFile
    const decode = (text: string | undefined) => Buffer.from(text ?? '', 'base64')
    const agent = new Agent({
      keepAlive: true,
      ca: decode(clusters[0]?.cluster['certificate-authority-data']),
      cert: decode(users[0]?.user['client-certificate-data']),
      key: decode(users[0]?.user['client-key-data']),
    })
    return new KubeClient(new URL(clusters[0]?.cluster.server ?? ''), agent)
  }

  /** A client without certificates, for an API server of a test. */
  static plain(server: string): KubeClient {
    return new KubeClient(new URL(server), undefined)
  }

  /**
   * Answers of JSON.
   *
   * @throws StatefunError `SF_GATE_KUBERNETES`
   */
  async json<T>(path: string, options: KubeRequest = {}): Promise<T> {
    return JSON.parse(await this.text(path, options)) as T
  }

  /** @throws StatefunError `SF_GATE_KUBERNETES` */
  async text(path: string, options: KubeRequest = {}): Promise<string> {
    const response = await this.open(path, options)
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) text += chunk
    return text
  }

  /**
   * Opens an answer that may go on without end: a log, a watch.
   *
   * @throws StatefunError `SF_GATE_KUBERNETES`
   */
  async open(path: string, options: KubeRequest = {}): Promise<IncomingMessage> {
    const { method = 'GET', body, contentType = 'application/json', signal } = options
    const text = body === undefined ? '' : JSON.stringify(body)
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const send = this.#agent === undefined ? request : secureRequest
      const sent = send(new URL(path, this.server), {
        method,
        headers: {
          accept: 'application/json, */*',
          // Without it the body of a DELETE would be read as the next request of the connection.
          'content-length': Buffer.byteLength(text),
          'content-type': contentType,
        },
        ...(this.#agent === undefined ? {} : { agent: this.#agent }),
        ...(signal === undefined ? {} : { signal }),
      })
      sent.once('response', resolve)
      sent.once('error', (cause) => {
        reject(
          signal?.aborted === true
            ? signal.reason
            : new StatefunError('SF_GATE_KUBERNETES', `the cluster does not answer: ${cause.message}`, {
                where: `${method} ${path}`,
                cause,
              }),
        )
      })
      sent.end(text)
    })
    if ((response.statusCode ?? 500) < 300) return response
    let refusal = ''
    for await (const chunk of response.setEncoding('utf8')) refusal += chunk
    throw new StatefunError('SF_GATE_KUBERNETES', `HTTP ${response.statusCode}: ${messageOf(refusal)}`, {
      where: `${method} ${path}`,
    })
  }

  /**
   * Makes an object, or changes the one of its name into it (server-side apply).
   *
   * @throws StatefunError `SF_GATE_KUBERNETES`
   */
  async apply(object: KubeObject, signal?: AbortSignal): Promise<void> {
    const path = await this.pathOf(object, signal)
    await this.json(`${path}?fieldManager=${FIELD_MANAGER}&force=true`, {
      method: 'PATCH',
      contentType: 'application/apply-patch+yaml',
      body: object,
      signal,
    })
  }

  /** Deletes an object if it is there. */
  async delete(path: string, { graceSeconds, signal }: { graceSeconds?: number; signal?: AbortSignal } = {}) {
    const grace = graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }
    try {
      await this.json(path, {
        method: 'DELETE',
        body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', ...grace },
        signal,
      })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  /** An object, or undefined when there is none. */
  async find<T>(path: string, signal?: AbortSignal): Promise<T | undefined> {
    try {
      return await this.json<T>(path, { signal })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  /** Where an object lies: `/apis/apps/v1/namespaces/statefun-e2e/deployments/kafka`. */
  async pathOf({ apiVersion, kind, metadata }: KubeObject, signal?: AbortSignal): Promise<string> {
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    // A kind whose CRD was made a moment ago is known a moment later.
    for (let tries = 0; ; tries++) {
      const resources = await this.#discover(root, signal)
      const resource = resources.find((each) => each.kind === kind && !each.name.includes('/'))
      if (resource !== undefined) {
        const namespace = resource.namespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : ''
        return `${root}${namespace}/${resource.name}/${metadata.name}`
      }
      if (tries === DISCOVERY_TRIES)
        throw new StatefunError('SF_GATE_KUBERNETES', `the cluster knows no ${kind} of ${apiVersion}`, {
          where: metadata.name,
        })
      this.#resources.delete(root)
      await sleep(DISCOVERY_PAUSE_MS, undefined, signal === undefined ? {} : { signal })
    }
  }

  #discover(root: string, signal?: AbortSignal): Promise<readonly ApiResource[]> {
    const known = this.#resources.get(root)
    if (known !== undefined) return known
    const asked = this.find<{ readonly resources: readonly ApiResource[] }>(root, signal).then(
      (list) => list?.resources ?? [],
    )
    this.#resources.set(root, asked)
    asked.catch(() => this.#resources.delete(root))
    return asked
  }

  /**
   * Watches one object until it is as it should be, also when it does not exist yet.
   *
   * @param path of the object
   * @throws StatefunError `SF_GATE_START_TIMEOUT`; whatever `until` throws
   */
  async waitFor<T extends KubeObject>(path: string, options: WaitOptions<T>): Promise<T> {
    const at = path.lastIndexOf('/')
    const list = `${path.slice(0, at)}?fieldSelector=metadata.name=${path.slice(at + 1)}`
    return await this.waitForAny<T>(list, options)
  }

  /**
   * Watches the objects of a list until one is as it should be.
   *
   * @param list path with its selectors
   */
  async waitForAny<T extends KubeObject>(list: string, options: WaitOptions<T>): Promise<T> {
    const { what, timeoutMs, until, signal } = options
    const late = AbortSignal.timeout(timeoutMs)
    const both = signal === undefined ? late : AbortSignal.any([late, signal])
    let seen: T | undefined
    try {
      for (;;) {
        for await (const object of this.watch<T>(list, both)) {
          seen = object
          if (until(object)) return object
        }
      }
    } catch (cause) {
      signal?.throwIfAborted()
      if (!late.aborted) throw cause
      throw new StatefunError('SF_GATE_START_TIMEOUT', `${what} is not ready after ${timeoutMs / 1000} s`, {
        where: list,
        ...(seen === undefined ? {} : { excerpt: JSON.stringify((seen as { status?: unknown }).status) }),
      })
    }
  }

  /** Those that are there, then each that appears or changes; ends when the API server ends the watch. */
  async *watch<T extends KubeObject>(list: string, signal?: AbortSignal): AsyncGenerator<T> {
    const join = list.includes('?') ? '&' : '?'
    const { items, metadata } = await this.json<KubeList<T>>(list, { signal })
    yield* items
    const path = `${list}${join}watch=true&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=300`
    const response = await this.open(path, { signal })
    let rest = ''
    try {
      for await (const chunk of response.setEncoding('utf8')) {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          const event = JSON.parse(line) as { readonly type: string; readonly object: T }
          if (event.type === 'ERROR') return
          if (event.type !== 'DELETED') yield event.object
        }
      }
    } finally {
      response.destroy()
    }
  }

  /** Ends idle connections. */
  close(): void {
    this.#agent?.destroy()
  }
}

interface ApiResource {
  readonly name: string
  readonly kind: string
  readonly namespaced: boolean
}

interface KubeList<T> {
  readonly items: readonly T[]
  readonly metadata: { readonly resourceVersion: string }
}

const DISCOVERY_TRIES = 100
const DISCOVERY_PAUSE_MS = 200

function messageOf(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message)
  } catch {
    // Not the API server's own answer: a proxy's, or a page.
    return text.slice(0, 500)
  }
}

/** Whether an error of {@link KubeClient} says that there is no such object. */
export function isNotFound(error: unknown): boolean {
  return error instanceof StatefunError && error.message.startsWith('HTTP 404')
}
