import type { Metadata, StatefunError } from '@statefun/protocol'

/** Where the records of one partition go: the same for every record of a topic or stream (contract 6). */
export interface Route {
  /** Typename stamped on every value. */
  readonly valueType: string
  /** Function types, one message each, in order. */
  readonly targets: readonly string[]
}

/** `bytes[start, end)`. */
export interface ByteRange {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/**
 * One partition (or shard) of an ingress: the unit of order, of position and of back-pressure.
 *
 * It is pulled: the engine calls {@link next} only when it has room, so a partition whose records go to a blocked address
 * simply is not called, its buffer fills, and its source stops fetching it. The accessors describe the current record and
 * are valid until the following call of `next`.
 */
export interface SourcePartition {
  /** Stable across restarts, unique within the ingress: `<topic>/<partition>`. */
  readonly name: string
  readonly route: Route
  /**
   * Moves to the next record; false when none is buffered. Records that the ingress skips by policy are passed over here.
   *
   * @throws StatefunError for a record that the ingress's policy does not accept
   */
  next(): boolean
  /** Instance id of the current record. */
  id(): string
  /**
   * The bytes of {@link id} in UTF-8, for sources that have them: an instance that is in memory is found by them, without a
   * string. The object may be the same every time.
   */
  idBytes?(): ByteRange
  /** Bytes of the current record. They may be a view into a larger buffer and must not change afterwards. */
  value(): Uint8Array
  /** Headers, when the ingress forwards them. */
  metadata(): readonly Metadata[] | undefined
  /** Where to resume so that nothing taken so far comes again and nothing else is missed. */
  position(): string
}

/** What a source tells the engine. All calls may come at any time between `start` and the end of `stop`. */
export interface SourceListener {
  /** A partition exists; called before its first `ready`, also for partitions that appear later. */
  added(partition: SourcePartition): void
  /** `next` may return true again. Repeated calls are harmless. */
  ready(partition: SourcePartition): void
  /**
   * A partition ended, and no restart needs its position: checkpoints hold it no more from the open epoch on. It need not
   * have been {@link added} in this run. Nothing to a listener that keeps no positions.
   *
   * @param name see {@link SourcePartition.name}
   */
  removed?(name: string): void
  /** The source cannot go on. */
  failed(error: StatefunError): void
}

/** An ingress. Positions are opaque to the engine. */
export interface Source {
  /** The ingress id of module.yaml. */
  readonly id: string
  /**
   * Starts fetching.
   *
   * @param positions by partition name, as given by {@link SourcePartition.position} in the restored checkpoint; a
   *   partition that is not in it starts by the ingress's startup position, or at its beginning when it is a new one of a
   *   topic that the checkpoint knows: its first records must not be lost
   */
  start(listener: SourceListener, positions: ReadonlyMap<string, string>): Promise<void>
  /** A checkpoint with these positions is durable: the source may publish them for lag tools. Must not throw. */
  committed(positions: ReadonlyMap<string, string>): void
  /** Stops fetching and frees everything. Idempotent. */
  stop(): Promise<void>
}
