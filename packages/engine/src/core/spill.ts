import type { FunctionType } from './function-type.ts'
import type { Instance } from './instance.ts'

/** A state on disk; ranges are byte offsets into `from`, and `stamp` 0 is none. */
export type StoredStateVisitor = (
  type: FunctionType,
  slot: number,
  stamp: number,
  from: Buffer,
  idStart: number,
  idEnd: number,
  valueStart: number,
  valueEnd: number,
) => void

/** Keeps the states of instances that are not in memory. An instance is either there or in memory, never in both. */
export interface Spill {
  /**
   * An instance that is not among those that the type keeps in memory, for a message or a restored state. It is
   * {@link Instance.passing} until it either is kept or leaves memory, and gets the states that are kept for it, at once or later: then
   * it is {@link Instance.loading} until {@link Core.loaded} is called.
   */
  instance(type: FunctionType, id: string): Instance
  /** One that is passing. */
  passing(type: FunctionType, id: string): Instance | undefined
  /** All of a type that are passing now. */
  allPassing(type: FunctionType): Iterable<Instance>
  /** Lets go of one that is passing. */
  forget(instance: Instance): void
  /** Those that have not got their states yet. */
  readonly loading: ReadonlySet<Instance>
}
