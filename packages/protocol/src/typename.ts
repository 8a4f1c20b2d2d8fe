import { StatefunError } from './statefun-error.ts'

/** `<namespace>/<name>` in two parts. */
export interface Typename {
  readonly namespace: string
  readonly name: string
}

/**
 * Splits `<namespace>/<name>`; exactly one `/`, both parts non-empty, because the runtime refuses anything else
 * (contract 1.5).
 *
 * @throws StatefunError `SF_TYPENAME_INVALID`
 */
export function parseTypename(text: string): Typename {
  const slash = text.indexOf('/')
  if (slash <= 0 || slash === text.length - 1 || text.indexOf('/', slash + 1) !== -1) {
    throw new StatefunError('SF_TYPENAME_INVALID', `"${text}" is not a typename`, {
      hint: 'write <namespace>/<name> with exactly one "/", for example example/counter',
    })
  }
  return { namespace: text.slice(0, slash), name: text.slice(slash + 1) }
}
