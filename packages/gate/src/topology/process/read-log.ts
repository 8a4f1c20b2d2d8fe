import { readFile } from 'node:fs/promises'

/** The text of a log file; empty when there is none yet. */
export async function readLog(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
