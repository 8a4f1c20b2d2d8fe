import type { SourcePartition } from '../connector/source.ts'
import type { FunctionType } from './function-type.ts'
import type { Instance } from './instance.ts'

/** A partition as the core sees it. */
export interface Feed {
  readonly ingress: string
  readonly partition: SourcePartition
  readonly targets: readonly FunctionType[]
  /** The address whose full backlog keeps this partition from being read. */
  blockedBy: Instance | undefined
}
