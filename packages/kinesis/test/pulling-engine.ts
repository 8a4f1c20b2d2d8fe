import type { KinesisIngressDefinition, SourceListener, SourcePartition } from '@statefun/engine'
import type { StatefunError } from '@statefun/protocol'
import { KinesisSource } from '../src/kinesis-source.ts'
import type { KinesisReads } from '../src/reads/kinesis-reads.ts'
import type { KinesisSubscriptions } from '../src/reads/kinesis-subscriptions.ts'
import { recordedContext } from './recorded-context.ts'
import type { SteppedClock } from './stepped-clock.ts'

/** An ingress with the defaults of module.yaml, of one stream. */
export function ingress(changes: Partial<KinesisIngressDefinition> = {}): KinesisIngressDefinition {
  return {
    kind: 'io.statefun.kinesis.v1/ingress',
    id: 'test/ingress',
    awsRegion: { type: 'default' },
    awsCredentials: { type: 'default' },
    startupPosition: { type: 'earliest' },
    streamArn: undefined,
    streams: [{ stream: 'orders', valueType: 'test/value', targets: ['test/fn'] }],
    clientConfigProperties: [],
    location: { file: 'module.yaml', line: 7, column: 3 },
    ...changes,
  }
}

/** What an engine would have in its state: the values of each id, in the order in which they came. */
export type Received = ReadonlyMap<string, readonly string[]>

/** A checkpoint: what was received, and the positions that belong to it. */
export interface Checkpoint {
  readonly received: Received
  readonly positions: ReadonlyMap<string, string>
}

export const NOTHING: Checkpoint = { received: new Map(), positions: new Map() }

/** Stands in for the engine: takes records from partitions when a test says so, and cuts checkpoints. */
export class PullingEngine implements SourceListener {
  readonly source: KinesisSource
  readonly context = recordedContext()
  readonly failures: StatefunError[] = []
  readonly partitions: SourcePartition[] = []
  readonly #received: Map<string, string[]>
  /** Positions of the checkpoint that no partition has claimed yet stay in every later one. */
  readonly #positions: Map<string, string>

  private constructor(source: (engine: PullingEngine) => KinesisSource, from: Checkpoint) {
    this.#received = new Map([...from.received].map(([id, values]) => [id, [...values]]))
    this.#positions = new Map(from.positions)
    this.source = source(this)
  }

  static async start(
    reads: KinesisReads,
    clock: SteppedClock,
    from = NOTHING,
    definition = ingress(),
    subscriptions?: KinesisSubscriptions,
  ): Promise<PullingEngine> {
    const parts = {
      reads,
      clock,
      random: () => 0.5,
      ...(subscriptions === undefined ? {} : { subscriptions }),
    }
    const engine = new PullingEngine(({ context }) => new KinesisSource(definition, context, parts), from)
    const starting = engine.source.start(engine, from.positions)
    let started = false
    const done = starting.finally(() => {
      started = true
    })
    done.catch(() => undefined)
    while (!started) await clock.pass(50)
    await done
    return engine
  }

  added(partition: SourcePartition): void {
    this.partitions.push(partition)
  }

  ready(): void {}

  removed(name: string): void {
    const at = this.partitions.findIndex((partition) => partition.name === name)
    if (at >= 0) this.partitions.splice(at, 1)
    this.#positions.delete(name)
  }

  failed(error: StatefunError): void {
    this.failures.push(error)
  }

  /** Takes up to `limit` records of each partition, or of those given. */
  pull(limit = Number.POSITIVE_INFINITY, partitions: readonly SourcePartition[] = this.partitions): number {
    let taken = 0
    for (const partition of [...partitions]) {
      for (let i = 0; i < limit && partition.next(); i++) {
        const id = partition.id()
        const values = this.#received.get(id) ?? []
        values.push(Buffer.from(partition.value()).toString())
        this.#received.set(id, values)
        taken++
      }
    }
    return taken
  }

  get received(): Received {
    return this.#received
  }

  /** Everything at this moment. */
  checkpoint(): Checkpoint {
    for (const partition of this.partitions) this.#positions.set(partition.name, partition.position())
    return {
      received: new Map([...this.#received].map(([id, values]) => [id, [...values]])),
      positions: new Map(this.#positions),
    }
  }
}
