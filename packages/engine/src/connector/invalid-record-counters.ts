import type { Counter, MetricRegistry } from '../metrics/registry.ts'
import type { RecordDefect } from './invalid-record.ts'

const HELP = 'Records that the Kafka ingress skipped because they have no key or no value'

/** Counts skipped records under the names of contract 5.8: all of an ingress, and per topic and defect. */
export class InvalidRecordCounters {
  readonly #registry: MetricRegistry
  readonly #ingress: string
  readonly #all: Counter
  readonly #byDefect = new Map<string, Counter>()

  constructor(registry: MetricRegistry, ingress: string) {
    this.#registry = registry
    this.#ingress = ingress
    this.#all = registry.counter('deserializer.numInvalidRecordsSkipped', HELP, { ingress })
  }

  skipped(topic: string, defect: RecordDefect): void {
    this.#all.inc()
    const key = `${defect} ${topic}`
    let counter = this.#byDefect.get(key)
    if (counter === undefined) {
      counter = this.#registry.counter('deserializer.topic.defect.numInvalidRecordsSkipped', HELP, {
        topic,
        defect,
        ingress: this.#ingress,
      })
      this.#byDefect.set(key, counter)
    }
    counter.inc()
  }
}
