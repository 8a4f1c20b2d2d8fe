import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { redact, redactLog } from './redact.ts'
import { trimLog } from './trim-log.ts'

/** Bytes kept of a log, half of its beginning and half of its end. */
export const MOST_LOG_BYTES = 8 * 1024 * 1024
/**
 * Folders with what parts were started from: of engines, also of one that did not start, and of Kubernetes, whose ConfigMap has
 * the module.yaml of Flink with its placeholders replaced.
 */
const STARTED_FROM = ['embedded', 'flink', 'kubernetes'] as const
const CONFIGURATION = /\.(ya?ml|properties|conf|mjs|cjs|json|toml)$/
/** A file system's clock may be this far behind. */
const CLOCK_MS = 100

/** How a folder is tidied. */
export interface TidyOptions {
  /** Milliseconds since the epoch: files that were there before are somebody else's and stay as they are. */
  readonly since: number
  readonly mostLogBytes?: number
  /** Something could not be made fit to be handed on. */
  readonly onFailure?: (what: string, error: unknown) => void
}

/**
 * Makes the folder of a run fit to be handed on: the middle is cut out of logs that are too long, and secrets are taken out of
 * logs and of what parts were started from. Only when no part runs any more: they write to these logs and start from these files.
 */
export async function tidyFolder(
  folder: string,
  { since, mostLogBytes = MOST_LOG_BYTES, onFailure = () => undefined }: TidyOptions,
): Promise<void> {
  for (const path of await filesBelow(join(folder, 'logs'), /\.log$/)) {
    await trimLog(path, mostLogBytes)
      .then(() => rewrite(path, since, redactLog))
      .catch((error: unknown) => onFailure(`${path} without its secrets`, error))
  }
  for (const place of STARTED_FROM) {
    for (const path of await filesBelow(join(folder, place), CONFIGURATION)) {
      await rewrite(path, since, redact).catch((error: unknown) =>
        onFailure(`${path} without its secrets`, error),
      )
    }
  }
}

async function filesBelow(folder: string, names: RegExp): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && names.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
}

async function rewrite(path: string, since: number, change: (text: string) => string): Promise<void> {
  if ((await stat(path)).mtimeMs < since - CLOCK_MS) return
  const text = await readFile(path, 'utf8')
  const shown = change(text)
  if (shown !== text) await writeFile(path, shown)
}
