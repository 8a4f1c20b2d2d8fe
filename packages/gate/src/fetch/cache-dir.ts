import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * The folder for fetched artifacts: `STATEFUN_CACHE`, else the system's place for caches: `$XDG_CACHE_HOME/statefun` or
 * `~/.cache/statefun` (macOS: `~/Library/Caches/statefun`, Windows: `%LOCALAPPDATA%\statefun\cache`).
 */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.STATEFUN_CACHE) return resolve(env.STATEFUN_CACHE)
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'statefun')
  if (process.platform === 'win32' && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, 'statefun', 'cache')
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'statefun')
}
