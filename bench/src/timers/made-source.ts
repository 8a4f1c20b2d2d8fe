import type { Route, Source, SourceListener, SourcePartition } from '@statefun/engine'

/** A partition whose records are made while they are taken; it has none until it is asked for some. */
export class MadePartition implements SourcePartition {
  readonly name: string
  readonly route: Route
  /** Records that may still be taken. */
  left = 0
  readonly #idOf: (record: number) => string
  #record = -1
  #value = Buffer.alloc(32)

  constructor(name: string, target: string, idOf: (record: number) => string) {
    this.name = name
    this.route = { valueType: 'bench/record', targets: [target] }
    this.#idOf = idOf
  }

  /** The next record is number `record`, and all ask for the same. */
  begin(record: number, ask: number): void {
    this.#record = record - 1
    this.#value = Buffer.alloc(32, 'x')
    this.#value[0] = ask
  }

  next(): boolean {
    if (this.left === 0) return false
    this.left--
    this.#record++
    return true
  }

  id(): string {
    return this.#idOf(this.#record)
  }

  value(): Uint8Array {
    return this.#value
  }

  metadata(): undefined {
    return undefined
  }

  position(): string {
    return String(this.#record + 1)
  }
}

/** An ingress of such partitions. */
export class MadeSource implements Source {
  readonly id = 'bench/in'
  readonly #partitions: readonly MadePartition[]
  #listener: SourceListener | undefined

  constructor(partitions: readonly MadePartition[]) {
    this.#partitions = partitions
  }

  async start(listener: SourceListener): Promise<void> {
    this.#listener = listener
    for (const partition of this.#partitions) listener.added(partition)
  }

  /** A partition has records. */
  ready(partition: MadePartition): void {
    this.#listener?.ready(partition)
  }

  committed(): void {}

  async stop(): Promise<void> {}
}
