import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { redact } from './redact.ts'

const CONFIGURATION = /\.(ya?ml|properties|conf|mjs|cjs|json|toml)$/
/** A file system's clock may be this far behind. */
const CLOCK_MS = 100

/**
 * Takes the secrets out of the configurations below a folder that parts were started from.
 *
 * @param since files that were there before, milliseconds since the epoch, are somebody else's and stay as they are
 */
export async function redactFiles(folder: string, since: number): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (!entry.isFile() || !CONFIGURATION.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    if ((await stat(path)).mtimeMs < since - CLOCK_MS) continue
    const text = await readFile(path, 'utf8')
    const shown = redact(text)
    if (shown !== text) await writeFile(path, shown)
  }
}
