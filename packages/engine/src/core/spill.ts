import type { Instance } from './instance.ts'

/** Keeps the states of instances that are not in memory. An instance is either there or in memory, never in both. */
export interface Spill {
  /**
   * An instance was made, for a message or a restored state. It gets the states that are kept for it, at once or later: then
   * it is {@link Instance.loading} until {@link Core.loaded} is called.
   */
  admit(instance: Instance): void
  /** Those that have not got their states yet. */
  readonly loading: ReadonlySet<Instance>
}
