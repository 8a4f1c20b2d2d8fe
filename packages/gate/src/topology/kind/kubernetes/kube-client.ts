import { setTimeout as sleep } from 'node:timers/promises'
import { type KubeApi, openKubeApi } from '@statefun/flink'
import { StatefunError } from '@statefun/protocol'
import type { KubeObject } from './kube-object.ts'

/** How to wait for an object, see {@link KubeClient.waitFor}. */
export interface WaitOptions<T> {
  /** `deployment kafka`, for messages. */
  readonly what: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Throws when what it waits for cannot come any more. */
  readonly until: (object: T) => boolean
}

/** Takes over whatever fields others have set: the cluster is the gate's. */
const APPLY = { manager: 'statefun-gate', force: true } as const

/** The cluster that a run made: objects of any kind, whose places the cluster itself is asked for, and waiting for them. */
export class KubeClient {
  readonly api: KubeApi
  readonly #resources = new Map<string, Promise<readonly ApiResource[]>>()

  private constructor(api: KubeApi) {
    this.api = api
  }

  /**
   * @param configuration text as `kind get kubeconfig` prints it
   * @throws StatefunError `SF_KUBE_CONFIG`
   */
  static async of(configuration: string): Promise<KubeClient> {
    return new KubeClient(await openKubeApi({ configuration }))
  }

  /** Makes an object, or changes the one of its name into it. */
  async apply(object: KubeObject, signal?: AbortSignal): Promise<void> {
    await this.api.apply(await this.pathOf(object, signal), object, APPLY, signal)
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
        throw new StatefunError('SF_KUBE_KIND', `the cluster knows no ${kind} of ${apiVersion}`, {
          where: metadata.name,
        })
      this.#resources.delete(root)
      await sleep(DISCOVERY_PAUSE_MS, undefined, signal === undefined ? {} : { signal })
    }
  }

  #discover(root: string, signal?: AbortSignal): Promise<readonly ApiResource[]> {
    const known = this.#resources.get(root)
    if (known !== undefined) return known
    const asked = this.api
      .find<{ readonly resources: readonly ApiResource[] }>(root, signal)
      .then((list) => list?.resources ?? [])
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
   * @throws as {@link waitFor}
   */
  async waitForAny<T extends KubeObject>(list: string, options: WaitOptions<T>): Promise<T> {
    const { what, timeoutMs, until, signal } = options
    const late = AbortSignal.timeout(timeoutMs)
    let seen: T | undefined
    for await (const object of this.watch<T>(
      list,
      signal === undefined ? late : AbortSignal.any([late, signal]),
    )) {
      seen = object
      if (until(object)) return object
    }
    signal?.throwIfAborted()
    throw new StatefunError('SF_GATE_START_TIMEOUT', `${what} is not ready after ${timeoutMs / 1000} s`, {
      where: list,
      ...(seen === undefined ? {} : { excerpt: JSON.stringify((seen as { status?: unknown }).status) }),
    })
  }

  /** Those that are there, then each that appears or changes, until the signal is aborted. */
  async *watch<T extends KubeObject>(list: string, signal: AbortSignal): AsyncGenerator<T> {
    for await (const { type, object } of this.api.watch(list, signal)) {
      if (type !== 'DELETED') yield object as unknown as T
    }
  }
}

interface ApiResource {
  readonly name: string
  readonly kind: string
  readonly namespaced: boolean
}

const DISCOVERY_TRIES = 100
const DISCOVERY_PAUSE_MS = 200
