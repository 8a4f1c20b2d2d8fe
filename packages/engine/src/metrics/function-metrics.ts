import type { FunctionCounters, FunctionType } from '../core/function-type.ts'
import type { AttemptObserver } from '../transport/transport.ts'
import { Rate } from './rate.ts'
import type { MetricRegistry } from './registry.ts'

/** Counters that only grow have a rate beside them. */
const COUNTERS: readonly (readonly [keyof FunctionCounters, help: string])[] = [
  ['in', 'messages received'],
  ['outLocal', 'messages sent to functions of this engine'],
  ['outRemote', 'messages sent to functions of another engine: none, there is one'],
  ['outEgress', 'messages sent to egresses'],
]
const GAUGES: readonly (readonly [keyof FunctionCounters, help: string])[] = [
  ['inflightAsyncOps', 'calls under way'],
  ['numBacklog', 'messages waiting in mailboxes'],
  ['numBlockedAddress', 'addresses whose backlog is full'],
  ['numParkedAddress', 'addresses whose messages are kept after a failure (extension)'],
]

/**
 * Metrics of function types under the names of contract 5.8. They outlive the job: a restarted one takes over the series.
 */
export class FunctionMetrics {
  readonly #registry: MetricRegistry
  readonly #types = new Map<string, FunctionType>()
  readonly #observers = new Map<string, AttemptObserver>()
  readonly #rates: Rate[] = []

  constructor(registry: MetricRegistry) {
    this.#registry = registry
    const sum = (name: keyof FunctionCounters) => () => {
      let total = 0
      for (const type of this.#types.values()) total += type.counters[name]
      return total
    }
    registry.gauge(
      'functions.inflightAsyncOps',
      'calls under way, all functions',
      {},
      sum('inflightAsyncOps'),
    )
    registry.gauge('produced', 'messages through the feedback loop', {}, sum('outLocal'))
    this.#rate('producedRate', 'messages per second through the feedback loop', sum('outLocal'))
  }

  /** Gives a function type of a new job its series. */
  register(type: FunctionType): AttemptObserver {
    const scope = `functions.${type.namespace}.${type.name}`
    this.#types.set(type.typename, type)
    const known = this.#observers.get(type.typename)
    if (known !== undefined) return known
    const read = (name: keyof FunctionCounters) => () => this.#types.get(type.typename)!.counters[name]
    for (const [name, help] of COUNTERS) {
      this.#registry.gauge(`${scope}.${name}`, help, {}, read(name))
      this.#rate(`${scope}.${name}Rate`, `${help}, per second`, read(name))
    }
    for (const [name, help] of GAUGES) this.#registry.gauge(`${scope}.${name}`, help, {}, read(name))
    let failed = 0
    this.#registry.gauge(`${scope}.remoteInvocationFailures`, 'attempts that failed', {}, () => failed)
    this.#rate(`${scope}.remoteInvocationFailuresRate`, 'attempts that failed, per second', () => failed)
    const latency = this.#registry.histogram(`${scope}.remoteInvocationLatency`, 'milliseconds of an attempt')
    const observer: AttemptObserver = {
      attempt(milliseconds, hasFailed) {
        latency.observe(milliseconds)
        if (hasFailed) failed++
      },
    }
    this.#observers.set(type.typename, observer)
    return observer
  }

  /** Called every {@link Rate.stepSeconds}. */
  sample(): void {
    for (const rate of this.#rates) rate.sample()
  }

  #rate(name: string, help: string, read: () => number): void {
    const rate = new Rate(read)
    this.#rates.push(rate)
    this.#registry.gauge(name, help, {}, () => rate.value)
  }
}
