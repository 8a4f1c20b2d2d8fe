import type { SimProcess } from '../process.ts'
import { BrokerRefusal, type SimBroker } from './sim-broker.ts'

/** Nobody knows whether the request was carried out. */
export class NoAnswer extends Error {}

/** Milliseconds after which an answer is not waited for any longer. */
const TIMEOUT_MS = 60

/** The connection of one process to the brokers. */
export class BrokerClient {
  readonly #broker: SimBroker
  readonly #process: SimProcess
  readonly #chance: (probability: number) => boolean

  constructor(broker: SimBroker, process: SimProcess, chance: (probability: number) => boolean) {
    this.#broker = broker
    this.#process = process
    this.#chance = chance
  }

  /**
   * One request.
   *
   * @throws BrokerRefusal, or NoAnswer when it or its answer was lost
   */
  async ask<T>(what: string, apply: (broker: SimBroker) => T): Promise<T> {
    const broker = this.#broker
    const before = broker.delay()
    const lost = !broker.available || this.#chance(broker.loss)
    const answerLost = this.#chance(broker.loss)
    const answer = await this.#process.ask({
      what,
      before,
      after: lost || answerLost ? Math.max(TIMEOUT_MS - before, 0) : broker.delay(),
      reach: 'remote',
      apply: () => {
        if (lost) return { kind: 'none' } as const
        if (this.#chance(broker.loss / 2)) throw new BrokerRefusal('COORDINATOR_LOADING')
        try {
          return { kind: answerLost ? 'none' : 'value', value: apply(broker) } as const
        } catch (error) {
          if (answerLost && error instanceof BrokerRefusal) return { kind: 'none' } as const
          throw error
        }
      },
    })
    if (answer.kind === 'none') throw new NoAnswer(what)
    return answer.value
  }

  /** Settles after a while. */
  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.#process.later(milliseconds, resolve))
  }
}
