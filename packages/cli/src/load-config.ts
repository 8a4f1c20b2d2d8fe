import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { absolutePlace } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { defineConfig, type StatefunConfig } from './config.ts'

/** The configuration file that is looked for where `--config` is not given. */
export const CONFIG_FILE = 'statefun.config.ts'

/** Port of the admin API where the configuration names none. */
export const ADMIN_PORT = 4680

/** Where checkpoints are kept and how they are made, as an engine takes it. */
export interface CheckpointSettings {
  /** An absolute path or a URL. */
  readonly place: string
  readonly interval?: string | number
  readonly retain?: number
  readonly compactAfterBytes?: number
}

/** A configuration with its paths made absolute and its defaults filled in. */
export interface LoadedConfig {
  readonly config: StatefunConfig
  /** The file it came from. */
  readonly file: string
  /** The folder that relative paths in it start from. */
  readonly folder: string
  readonly module: string
  readonly checkpoint: CheckpointSettings
  readonly admin: { readonly host: string; readonly port: number; readonly names: readonly string[] }
}

/**
 * The absolute path of a configuration file.
 *
 * @param path relative to `cwd`; `statefun.config.ts` when left out
 * @throws StatefunError `SF_CONFIG_MISSING`
 */
export function findConfig(cwd: string, path: string | undefined): string {
  const file = resolve(cwd, path ?? CONFIG_FILE)
  if (existsSync(file)) return file
  throw new StatefunError('SF_CONFIG_MISSING', 'there is no configuration file', {
    where: file,
    hint:
      path === undefined
        ? 'run it in the folder of the app, name the file with --config, or make a new app with "statefun init my-app"'
        : 'name an existing file with --config',
  })
}

/**
 * Imports a configuration file.
 *
 * @param path relative to `cwd`; `statefun.config.ts` when left out
 * @throws StatefunError `SF_CONFIG_MISSING`, `SF_CONFIG_LOAD`, `SF_CONFIG_EXPORT`, and those of {@link defineConfig}
 */
export async function loadConfig(cwd: string, path: string | undefined): Promise<LoadedConfig> {
  const file = findConfig(cwd, path)
  return completeConfig(checkedConfig(file, await importConfig(file)), file)
}

/** Fills in the defaults of a configuration, and resolves its paths from where its file lies. */
export function completeConfig(config: StatefunConfig, file: string): LoadedConfig {
  const folder = dirname(file)
  return {
    config,
    file,
    folder,
    module: resolve(folder, config.module ?? 'module.yaml'),
    checkpoint: checkpointSettings(config, folder),
    admin: {
      host: config.admin?.host ?? '127.0.0.1',
      port: config.admin?.port ?? ADMIN_PORT,
      names: config.admin?.names ?? [],
    },
  }
}

function checkpointSettings({ checkpoint = {} }: StatefunConfig, folder: string): CheckpointSettings {
  const { place, dir, interval, intervalMs, ...rest } = checkpoint
  const every = interval ?? intervalMs
  return {
    ...rest,
    place: absolutePlace(place ?? dir ?? '.statefun/checkpoint', folder),
    ...(every === undefined ? {} : { interval: every }),
  }
}

async function importConfig(file: string): Promise<unknown> {
  try {
    const module: unknown = await import(pathToFileURL(file).href)
    return (module as { readonly config?: unknown }).config
  } catch (cause) {
    if (cause instanceof StatefunError) throw cause
    const error = cause instanceof Error ? cause : new Error(String(cause))
    const missing = 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    throw new StatefunError('SF_CONFIG_LOAD', `the app cannot be loaded: ${error.message}`, {
      where: thrownAt(error, dirname(file)) ?? file,
      hint: missing ? 'install the dependencies of the app: npm install' : 'mend what the message names',
      cause,
    })
  }
}

/** The first place below a folder that the stack of an error names, as `/folder/file.ts:3:7`. */
function thrownAt(error: Error, folder: string): string | undefined {
  const places = (error.stack ?? '').matchAll(/((?:file:\/\/|\/)[^\s()]+?)(:\d+(?::\d+)?)/g)
  for (const [, name = '', position = ''] of places) {
    const path = name.startsWith('file://') ? fileURLToPath(name) : name
    if (path.startsWith(folder)) return path + position
  }
  return undefined
}

function checkedConfig(file: string, config: unknown): StatefunConfig {
  if (typeof config !== 'object' || config === null) {
    throw new StatefunError('SF_CONFIG_EXPORT', 'the file exports no "config"', {
      where: file,
      hint: 'write: export const config = defineConfig({ app: "my-app", functions: [myFunction] })',
    })
  }
  return defineConfig(config as StatefunConfig)
}
