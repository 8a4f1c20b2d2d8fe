import { parseDuration, StatefunError } from '@statefun/protocol'
import { openCheckpointPlace, type PlaceResolver } from '../checkpoint/checkpoint-place.ts'
import type { CheckpointPlace, CheckpointStorage } from '../checkpoint/storage.ts'
import type { ModuleDefinition } from '../module/model.ts'

/** Where checkpoints are kept, and how often they are made. */
export interface CheckpointOptions {
  /** A folder, `file:/folder`, or a URL that one of {@link resolvers} takes; made when there is nothing. */
  readonly place?: string | CheckpointPlace
  /** A folder; the same as {@link place}. */
  readonly dir?: string
  /** For URLs of other schemes than `file:`, of the place and of savepoints. */
  readonly resolvers?: readonly PlaceResolver[]
  /**
   * Time from the cut of one epoch to the next: `'100 ms'`, or a number of milliseconds. 100 ms by default when an egress is
   * exactly-once, whose records wait for their epoch; else 500 ms. After a crash, at most so much at-least-once output
   * comes again.
   */
  readonly interval?: string | number
  /** Milliseconds; the same as {@link interval}. */
  readonly intervalMs?: number
  /** Base snapshots that are kept with the logs that belong to them, the newest one included; 2 by default. */
  readonly retain?: number
  /** Bytes of change log from which a base snapshot is written; 32 MiB by default. */
  readonly compactAfterBytes?: number
  /** Storage other than the place's; called for each incarnation of the job. */
  readonly storage?: () => CheckpointStorage
}

const EXACTLY_ONCE_INTERVAL_MS = 100
const DEFAULT_INTERVAL_MS = 500

/**
 * Milliseconds between two cuts.
 *
 * @throws StatefunError `SF_DURATION_INVALID`
 */
export function checkpointIntervalMs(
  { interval, intervalMs }: CheckpointOptions,
  module: ModuleDefinition,
): number {
  if (interval !== undefined) return parseDuration(interval)
  if (intervalMs !== undefined) return intervalMs
  return exactlyOnceEgresses(module).length > 0 ? EXACTLY_ONCE_INTERVAL_MS : DEFAULT_INTERVAL_MS
}

/** The ids of egresses whose records are published with their epoch. */
export function exactlyOnceEgresses({ egresses }: ModuleDefinition): readonly string[] {
  return egresses.flatMap((egress) =>
    'deliverySemantic' in egress && egress.deliverySemantic.type === 'exactly-once' ? [egress.id] : [],
  )
}

/** The place of an engine's checkpoints; undefined when it has a storage instead. */
export function placeOf({ place, dir, resolvers, storage }: CheckpointOptions): CheckpointPlace | undefined {
  const named = place ?? dir
  if (typeof named === 'object') return named
  if (named !== undefined) return openCheckpointPlace(named, resolvers)
  if (storage !== undefined) return undefined
  throw new StatefunError('SF_CHECKPOINT_PLACE', 'nothing says where checkpoints are kept', {
    hint: 'name a folder (checkpoint.place)',
  })
}
