import type { Stage } from './stage.ts'

/** What the parts of a run have to be like for a fault. */
export interface Setting {
  /** Whether the functions are in a server of their own, called over HTTP. */
  readonly functions?: 'in-process' | 'http'
  /** Whether records go to the counting function by way of another one. */
  readonly hop?: boolean
  /** Where checkpoints go; `disk` is a small one, `s3` a bucket behind a proxy. */
  readonly storage?: 'folder' | 'disk' | 's3'
  /** Where states are besides: all in memory, or on disk with a cache that does not hold them all. */
  readonly state?: 'hashmap' | 'disk'
  /** Of the exactly-once egress. */
  readonly transactionTimeoutMs?: number
}

/** A fault that is injected into a running stream. */
export interface Fault {
  /** On the command line and in the table. */
  readonly name: string
  /** What happens, in one line. */
  readonly summary: string
  /** How often it is injected unless said otherwise. */
  readonly times: number
  readonly setting: Setting
  /**
   * Injects it once; settles when the fault is over and nothing stands in the way of going on.
   *
   * @param round from 0
   */
  inject(stage: Stage, round: number): Promise<void>
}
