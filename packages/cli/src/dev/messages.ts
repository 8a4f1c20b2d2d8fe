import type { ShownRecord } from '../output/show-record.ts'
import type { LogLevel } from '../output/text-logger.ts'

/** What the engine's process tells `statefun dev`. */
export type FromEngine =
  | {
      readonly type: 'ready'
      readonly app: string
      readonly admin: string
      readonly functions: readonly string[]
      /** Topics that the app reads. */
      readonly ingressTopics: readonly string[]
    }
  | { readonly type: 'record'; readonly direction: 'in' | 'out'; readonly record: ShownRecord }
  | { readonly type: 'log'; readonly level: LogLevel; readonly text: string }
  /** It cannot start or go on; the process ends after it. */
  | { readonly type: 'failed'; readonly text: string }

/** What `statefun dev` asks of the engine's process: stop in order. */
export interface ToEngine {
  readonly type: 'stop'
}
