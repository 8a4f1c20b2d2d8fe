import type { Metadata } from '@statefun/protocol'
import type {
  ByteRange,
  Route,
  Source,
  SourceListener,
  SourcePartition,
} from '../../../packages/engine/src/connector/source.ts'
import { bytesOf } from '../functions/message-number.ts'
import type { InputRecord } from '../model/prediction.ts'
import type { SimProcess } from '../process.ts'
import type { Random } from '../random.ts'
import type { Input } from './input.ts'

/** Told of what the engine reads. */
export interface SourceWatch {
  /** The engine resumes a partition here. */
  resumed(partition: string, position: number): void
  took(partition: string, record: InputRecord): void
}

/** The ingress: partitions are fetched in pieces, late, and independent of each other. */
export class SimSource implements Source {
  readonly id = 'sim/in'
  readonly #input: Input
  readonly #process: SimProcess
  readonly #random: Random
  readonly #watch: SourceWatch
  readonly #partitions = new Map<string, SimPartition>()
  #stopped = false

  constructor(input: Input, process: SimProcess, random: Random, watch: SourceWatch) {
    this.#input = input
    this.#process = process
    this.#random = random
    this.#watch = watch
  }

  async start(listener: SourceListener, positions: ReadonlyMap<string, string>): Promise<void> {
    for (const name of this.#input.partitions.keys()) {
      const at = Number(positions.get(name) ?? 0)
      this.#watch.resumed(name, at)
      const partition = new SimPartition(this.#input, name, at, this.#watch)
      this.#partitions.set(name, partition)
      await this.#process.ask({
        what: `resume ${name} ${at}`,
        before: this.#input.delay(this.#random),
        after: this.#input.delay(this.#random),
        reach: 'remote',
        apply: () => undefined,
      })
      listener.added(partition)
      this.#fetch(partition, listener)
    }
  }

  committed(): void {}

  async stop(): Promise<void> {
    this.#stopped = true
  }

  #fetch(partition: SimPartition, listener: SourceListener): void {
    void this.#process
      .ask({
        what: `fetch ${partition.name}`,
        before: this.#input.delay(this.#random),
        after: this.#input.delay(this.#random),
        reach: 'remote',
        apply: () => this.#input.arrived(partition.name),
      })
      .then((end) => {
        if (this.#stopped) return
        if (partition.extend(end, this.#random)) listener.ready(partition)
        if (end < this.#input.partitions.get(partition.name)!.length || partition.buffered < end) {
          this.#process.later(this.#random.delay(5), () => this.#fetch(partition, listener))
        }
      })
  }
}

class SimPartition implements SourcePartition {
  readonly name: string
  readonly route: Route
  readonly #input: Input
  readonly #watch: SourceWatch
  #at: number
  #current: InputRecord | undefined
  /** Records up to here have been fetched. */
  buffered: number

  constructor(input: Input, name: string, at: number, watch: SourceWatch) {
    this.name = name
    this.route = { valueType: 'sim/message', targets: input.targets.map((type) => `sim/${type}`) }
    this.#input = input
    this.#watch = watch
    this.#at = this.buffered = at
  }

  /** Some of what is there was fetched. */
  extend(end: number, random: Random): boolean {
    const before = this.buffered
    this.buffered += Math.min(end - before, random.between(0, 20))
    return this.buffered > before
  }

  next(): boolean {
    if (this.#at >= this.buffered) return false
    this.#current = this.#input.partitions.get(this.name)![this.#at++]!
    this.#watch.took(this.name, this.#current)
    return true
  }

  id(): string {
    return this.#current!.id
  }

  idBytes(): ByteRange {
    const bytes = Buffer.from(this.#current!.id)
    return { bytes, start: 0, end: bytes.length }
  }

  value(): Uint8Array {
    return bytesOf(this.#current!.number)
  }

  metadata(): readonly Metadata[] | undefined {
    return undefined
  }

  position(): string {
    return String(this.#at)
  }
}
