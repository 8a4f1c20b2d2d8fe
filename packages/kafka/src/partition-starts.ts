import type { KafkaIngressDefinition, Logger } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import type { Cluster } from './cluster/cluster.ts'
import type { Pause } from './cluster/pause.ts'
import type { ConsumerSettings } from './properties/consumer-properties.ts'
import { type StartingPartition, StartupPositions } from './startup-positions.ts'

/**
 * Decides where each partition starts: at its restored position; else by the startup position; else, for a partition that
 * appeared while the app was known to run or was stopped between checkpoints, at its beginning, so that nothing of it is
 * lost.
 */
export class PartitionStarts {
  readonly #startup: StartupPositions
  readonly #ingress: string
  #restored = new Map<string, number>()
  #restoredTopics = new Set<string>()
  #initial: ReadonlySet<string> | undefined

  constructor(
    definition: KafkaIngressDefinition,
    settings: ConsumerSettings,
    cluster: Cluster,
    logger: Logger,
    pause: Pause,
  ) {
    this.#ingress = definition.id
    this.#startup = new StartupPositions(definition, settings, cluster, logger, pause)
  }

  /**
   * Takes the positions of the restored checkpoint.
   *
   * @throws StatefunError `SF_KAFKA_POSITION_INVALID` when one is no offset
   */
  restore(positions: ReadonlyMap<string, string>): void {
    for (const [name, text] of positions) {
      const offset = Number(text)
      if (!/^\d+$/.test(text) || !Number.isSafeInteger(offset)) {
        throw new StatefunError(
          'SF_KAFKA_POSITION_INVALID',
          `the restored position "${text}" of ${name} in ingress ${this.#ingress} is no offset`,
        )
      }
      this.#restored.set(name, offset)
      this.#restoredTopics.add(topicOf(name))
    }
  }

  /** The first call names the partitions that exist at the start; partitions first named later are new. */
  seen(names: readonly string[]): void {
    this.#initial ??= new Set(names)
  }

  /** First offsets, in order of the partitions. */
  async find(partitions: readonly StartingPartition[]): Promise<number[]> {
    const found = new Map<StartingPartition, number>()
    const isNew = ({ topic, index }: StartingPartition) =>
      this.#restoredTopics.has(topic) || this.#initial?.has(`${topic}/${index}`) !== true
    const open: StartingPartition[] = []
    for (const partition of partitions) {
      const restored = this.#restored.get(`${partition.topic}/${partition.index}`)
      if (restored === undefined) open.push(partition)
      else found.set(partition, restored)
    }
    const fresh = open.filter(isNew)
    const first = open.filter((partition) => !isNew(partition))
    const [freshStarts, firstStarts] = await Promise.all([
      fresh.length === 0 ? [] : this.#startup.earliest(fresh),
      first.length === 0 ? [] : this.#startup.find(first),
    ])
    fresh.forEach((partition, i) => {
      found.set(partition, freshStarts[i]!)
    })
    first.forEach((partition, i) => {
      found.set(partition, firstStarts[i]!)
    })
    return partitions.map((partition) => found.get(partition)!)
  }

  /** First offset that exists, and where `autoOffsetResetPosition` leads. */
  async reset(partition: StartingPartition): Promise<{ readonly first: number; readonly target: number }> {
    const [[first], [target]] = await Promise.all([
      this.#startup.earliest([partition]),
      this.#startup.reset([partition]),
    ])
    return { first: first!, target: target! }
  }
}

function topicOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/'))
}
