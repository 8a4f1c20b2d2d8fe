import { StatefunError } from '../src/index.ts'

/** The StatefunError that `action` throws; anything else it does fails the test. */
export function thrown(action: () => unknown): StatefunError {
  try {
    action()
  } catch (error) {
    if (error instanceof StatefunError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
