import { StatefunError, type TypedValue } from '@statefun/protocol'
import type { Sink, SinkListener } from '../../../packages/engine/src/connector/sink.ts'
import { textOf } from '../functions/message-number.ts'
import { type BrokerClient, NoAnswer } from './broker-client.ts'
import { BrokerRefusal } from './sim-broker.ts'

/** Tries of a request before the egress fails. */
const TRIES = 5

/** An at-least-once egress: records leave at once and are repeated until they are acknowledged. */
export class SimSink implements Sink {
  readonly id: string
  readonly #client: BrokerClient
  readonly #name: string
  readonly #limit: number
  #listener: SinkListener | undefined
  #waiting: string[] = []
  #unacknowledged = 0
  #sending = false
  #waiters: PromiseWithResolvers<void>[] = []
  #saturated = false

  /** @param limit records that may be unacknowledged before it is saturated */
  constructor(client: BrokerClient, name: string, limit: number) {
    this.id = `sim/${name}`
    this.#client = client
    this.#name = name
    this.#limit = limit
  }

  async start(listener: SinkListener): Promise<void> {
    this.#listener = listener
  }

  write(value: TypedValue): void {
    this.#waiting.push(textOf(value.value))
    this.#unacknowledged++
    if (this.#unacknowledged > this.#limit) this.#saturated = true
  }

  get saturated(): boolean {
    return this.#saturated
  }

  nudge(): void {
    if (!this.#sending && this.#waiting.length > 0) void this.#send()
  }

  flush(): Promise<void> {
    this.nudge()
    if (this.#unacknowledged === 0) return Promise.resolve()
    const waiter = Promise.withResolvers<void>()
    this.#waiters.push(waiter)
    return waiter.promise
  }

  async stop(): Promise<void> {
    this.#fail()
  }

  #fail(): StatefunError {
    const error = new StatefunError('SF_SIM_EGRESS', 'records could not be delivered')
    for (const { reject } of this.#waiters.splice(0)) reject(error)
    return error
  }

  async #send(): Promise<void> {
    this.#sending = true
    const batch = this.#waiting
    this.#waiting = []
    for (let tries = 1; ; tries++) {
      try {
        await this.#client.ask(`send ${this.#name} ${batch.length}`, (broker) =>
          broker.send(this.#name, batch),
        )
        break
      } catch (error) {
        if (!(error instanceof NoAnswer) && !(error instanceof BrokerRefusal)) throw error
        if (tries === TRIES) {
          this.#listener!.failed(this.#fail())
          return
        }
        await this.#client.pause(2 ** tries)
      }
    }
    this.#sending = false
    this.#unacknowledged -= batch.length
    if (this.#unacknowledged === 0) for (const { resolve } of this.#waiters.splice(0)) resolve()
    if (this.#saturated && this.#unacknowledged < this.#limit / 2) {
      this.#saturated = false
      this.#listener!.drained()
    }
    this.nudge()
  }
}
