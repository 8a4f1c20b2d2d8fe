import { setTimeout as sleep } from 'node:timers/promises'
import { parseDuration } from '@statefun/protocol'
import type { ControlClient } from '../control/control-client.ts'
import type { AppStatus, DeployOptions, StateOfInstance } from '../topology/topology.ts'
import type { Decoder } from './decoder.ts'
import { notThere } from './not-there.ts'

const POLL_MS = 100

/** An app on its engine, as a test sees it. */
export class App implements AsyncDisposable {
  readonly name: string
  readonly #control: ControlClient
  readonly #timeoutMs: number

  /** @param timeoutMs default limit of waits */
  constructor(name: string, control: ControlClient, timeoutMs: number) {
    this.name = name
    this.#control = control
    this.#timeoutMs = timeoutMs
  }

  /** What the engine says of it now. */
  async status(): Promise<AppStatus> {
    return await this.#control.status(this.name)
  }

  /**
   * Waits for a status.
   *
   * @param wanted a state, or a function that is true when it is there
   * @throws StatefunError `SF_GATE_NOT_THERE` with the last status and the end of the log
   * @example await app.until((status) => status.checkpoints > before)
   */
  async until(
    wanted: AppStatus['state'] | ((status: AppStatus) => boolean),
    options: { readonly timeout?: string | number } = {},
  ): Promise<AppStatus> {
    const timeoutMs = options.timeout === undefined ? this.#timeoutMs : parseDuration(options.timeout)
    const until = performance.now() + timeoutMs
    for (;;) {
      const status = await this.status()
      if (typeof wanted === 'function' ? wanted(status) : status.state === wanted) return status
      if (performance.now() > until) {
        throw notThere(
          `the app "${this.name}" did not come to ${typeof wanted === 'string' ? `be ${wanted}` : 'what was waited for'} within ${timeoutMs / 1000} s`,
          [JSON.stringify(status), (await this.log()).slice(-2000)],
        )
      }
      await sleep(POLL_MS)
    }
  }

  /** The engine's log of this app, over all restarts. */
  async log(): Promise<string> {
    return await this.#control.appLog(this.name)
  }

  /**
   * The sum of a metric over all its label sets that have these labels; 0 when there is none.
   *
   * @param name the end of its name, with underscores for dots: `routes_counter_kafka_in_invalidRecordSkipped`
   * @param labels label values that must be there
   */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    return sumOf(await this.metrics(), name, labels)
  }

  /** All metrics in Prometheus's text format. */
  async metrics(): Promise<string> {
    return await this.#control.metrics(this.name)
  }

  /**
   * A state of an instance; undefined when it has none. Needs `read-state`.
   *
   * @param as a type of the SDK, such as `types.long`
   */
  async state<Value>(
    typename: string,
    id: string,
    name: string,
    as: Decoder<Value>,
  ): Promise<Value | undefined> {
    const found = (await this.states(typename, id)).find((state) => state.name === name)
    return found === undefined ? undefined : as.deserialize(found.value)
  }

  /** All states of an instance. Needs `read-state`. */
  async states(typename: string, id: string): Promise<readonly StateOfInstance[]> {
    return await this.#control.state(this.name, typename, id)
  }

  /**
   * Starts a second app with the same functions, topics and streams. Needs `second-app`; end it with `await using` or
   * {@link App.end}.
   */
  async deploy(options: DeployOptions): Promise<App> {
    await this.#control.deploy(options)
    return new App(options.name, this.#control, this.#timeoutMs)
  }

  /** Ends an app that a test deployed. */
  async end(): Promise<void> {
    await this.#control.undeploy(this.name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }
}

function sumOf(metrics: string, name: string, labels: Readonly<Record<string, string>>): number {
  let sum = 0
  for (const [, metric = '', set = '', value = ''] of metrics.matchAll(
    /^([\w:]+)(?:\{(.*)\})? (\S+)(?: \d+)?$/gm,
  )) {
    if (!metric.endsWith(name)) continue
    if (Object.entries(labels).every(([label, wanted]) => set.includes(`${label}="${wanted}"`))) {
      sum += Number(value)
    }
  }
  return sum
}
