import { join } from 'node:path'
import { type ForeignLanguage, type ForeignServer, startForeignServer } from './foreign-server.ts'

/** All languages, for `describe.each`. */
export const FOREIGN_LANGUAGES: readonly ForeignLanguage[] = ['java', 'python', 'node']

/** What the functions are told at their start. */
export interface ForeignFunctionsOptions {
  /** Topic that results go to; default `foreign-results`. */
  readonly topic?: string
  /** Milliseconds that the states of `session` live; default 60000. */
  readonly ttlMs?: number
}

/**
 * A running function server. In namespace `foreign.<language>` each serves the same four functions. "Emits" means: a Kafka
 * record to egress `foreign/results`, key = the function's id, value = the text.
 *
 * | function | takes | does |
 * | --- | --- | --- |
 * | `counter` | int n | state `total` (int) += n, sends the new total (int) to the caller if there is one, emits it |
 * | `relay` | int n | from an ingress: sends n to the counter of the same id; from a function: emits `relayed <n>` |
 * | `reminder` | string | `start <ms>`: sends itself `ring` after ms with token `reminder-<id>`; `cancel`: cancels that; `ring`: emits `ring`; anything else fails |
 * | `session` | anything | states `visits` (expires after write) and `calls` (expires after call), both += 1, emits `<visits>/<calls>` |
 */
export interface ForeignFunctions extends ForeignServer {
  /** `foreign.<language>` */
  readonly namespace: string
}

const SOURCES: Readonly<Record<ForeignLanguage, string>> = {
  java: 'ForeignFunctions.java',
  python: 'foreign_functions.py',
  node: 'foreign-functions-node.ts',
}

/**
 * Starts a function server of another language's SDK on a port of its own and returns when it listens.
 *
 * @throws StatefunError as {@link startForeignServer}
 *
 * @example
 * await using functions = await startForeignFunctions('java', { topic: 'results' })
 */
export async function startForeignFunctions(
  language: ForeignLanguage,
  { topic = 'foreign-results', ttlMs = 60_000 }: ForeignFunctionsOptions = {},
): Promise<ForeignFunctions> {
  const namespace = `foreign.${language}`
  const server = await startForeignServer({
    language,
    source: join(import.meta.dirname, 'servers', SOURCES[language]),
    env: {
      FOREIGN_NAMESPACE: namespace,
      FOREIGN_RESULTS_TOPIC: topic,
      FOREIGN_TTL_MS: String(ttlMs),
    },
  })
  return { ...server, namespace }
}
