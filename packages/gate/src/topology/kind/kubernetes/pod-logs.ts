import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { KubeClient } from './kube-client.ts'
import type { PodObject } from './kube-object.ts'

/**
 * Writes what the pods of a namespace log into a file for each part, also what pods say that are gone by the end: every
 * container from its start on, over restarts and replacements.
 */
export class PodLogs implements AsyncDisposable {
  readonly #kube: KubeClient
  readonly #namespace: string
  readonly #since: Date
  readonly #fileOf: (pod: PodObject) => string | undefined
  readonly #end = new AbortController()
  readonly #followed = new Set<string>()
  readonly #working = new Set<Promise<void>>()

  /**
   * @param since of pods that were there before only later lines are kept
   * @param fileOf absolute path of the log of a pod's part; undefined for pods that do not matter
   */
  constructor(
    kube: KubeClient,
    namespace: string,
    since: Date,
    fileOf: (pod: PodObject) => string | undefined,
  ) {
    this.#kube = kube
    this.#namespace = namespace
    this.#since = since
    this.#fileOf = fileOf
    this.#work(this.#watch())
  }

  async #watch(): Promise<void> {
    const { signal } = this.#end
    const pods = `/api/v1/namespaces/${this.#namespace}/pods`
    try {
      for await (const pod of this.#kube.watch<PodObject>(pods, signal)) this.#look(pod)
    } catch {
      // Refused: a run goes on without what it may not read.
    }
  }

  #look(pod: PodObject): void {
    const file = this.#fileOf(pod)
    if (file === undefined) return
    for (const { name, containerID, state } of pod.status?.containerStatuses ?? []) {
      if (containerID === undefined || (state?.running === undefined && state?.terminated === undefined))
        continue
      if (this.#followed.has(containerID)) continue
      this.#followed.add(containerID)
      this.#work(this.#follow(pod, name, file))
    }
  }

  async #follow({ metadata }: PodObject, container: string, file: string): Promise<void> {
    mkdirSync(dirname(file), { recursive: true })
    const out = createWriteStream(file, { flags: 'a' })
    try {
      out.write(`--- ${metadata.name}/${container}\n`)
      const query = new URLSearchParams({
        container,
        follow: 'true',
        sinceTime: this.#since.toISOString().replace(/\.\d+Z$/, 'Z'),
      })
      const path = `/api/v1/namespaces/${this.#namespace}/pods/${metadata.name}/log?${query}`
      const response = await this.#kube.api.open(path, { signal: this.#end.signal })
      for await (const chunk of response) out.write(chunk)
    } catch {
      // The pod has gone while it was asked; what it said before is there.
    } finally {
      await new Promise<void>((resolve) => out.end(() => resolve()))
    }
  }

  #work(work: Promise<void>): void {
    this.#working.add(work)
    void work.finally(() => this.#working.delete(work))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    while (this.#working.size > 0) await Promise.all(this.#working)
  }
}
