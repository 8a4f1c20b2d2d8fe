import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'

/** Moves a finished folder to its place, or leaves what another process has put there meanwhile, which is the same. */
export async function moveOnce(from: string, place: string): Promise<void> {
  try {
    await rename(from, place)
  } catch (error) {
    // A folder cannot be replaced by a rename.
    if (!existsSync(place)) throw error
  }
}
