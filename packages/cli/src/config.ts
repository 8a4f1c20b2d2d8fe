import type { LimitOptions } from '@statefun/engine'
import type { DeployConfig } from '@statefun/flink'
import { type InvocableFunction, nearestName, parseDuration, StatefunError } from '@statefun/protocol'

/** How the values of a topic are shown by `dev` and `tail`, and written by `send --json`. */
export interface TopicFormat {
  /** What a value says, as anything that JSON.stringify takes (bigint included). @throws when it cannot be read */
  readonly toJson: (bytes: Uint8Array) => unknown
  /** @throws when the JSON does not fit */
  readonly fromJson: (json: unknown) => Uint8Array
}

/** An app as the `statefun` command runs it: the export `config` of `statefun.config.ts`. */
export interface StatefunConfig {
  /** Name of the app: part of client ids and of what its checkpoints are called. */
  readonly app: string
  /** Path of module.yaml, relative to the configuration file; default `./module.yaml`. */
  readonly module?: string
  /** Functions that run in this process; they win over the URL of an endpoint. */
  readonly functions?: readonly InvocableFunction[]
  readonly checkpoint?: {
    /**
     * Folder relative to the configuration file, or a URL (`file:/folder`, `s3://bucket/prefix`); default
     * `./.statefun/checkpoint`. `dev` keeps its own.
     */
    readonly place?: string
    /** A folder; the same as `place`. */
    readonly dir?: string
    /**
     * Time from one checkpoint to the next, `'100 ms'` or a number of milliseconds; default 100 ms with an egress that is
     * exactly-once, else 500 ms.
     */
    readonly interval?: string | number
    /** Milliseconds; the same as `interval`. */
    readonly intervalMs?: number
    /** Base snapshots that are kept with the change log since, the newest one included; default 2. */
    readonly retain?: number
    /** Bytes of change log from which a base snapshot is written; default 32 MiB. */
    readonly compactAfterBytes?: number
  }
  /** Where the state of running functions is; checkpoints are the same for both backends. */
  readonly state?: {
    /** `hashmap`: in memory. `disk`: in memory what was used lately, the rest in a scratch folder. Default `hashmap`. */
    readonly backend?: 'hashmap' | 'disk'
    /** The scratch folder, relative to the configuration file; default `state` in the folder of the checkpoint. */
    readonly dir?: string
    /** Memory for instances with `disk`; default 64 MiB. */
    readonly cacheBytes?: number
  }
  /** The admin API. It has no access control. */
  readonly admin?: {
    /** Where it listens; default `127.0.0.1`, port 4680. */
    readonly host?: string
    readonly port?: number
    /** Under which it may be asked besides `localhost`, addresses and `host`, with all names below them. */
    readonly names?: readonly string[]
  }
  /** Host of the playground's servers; default `127.0.0.1`. */
  readonly playground?: { readonly host?: string }
  /** Restarts from the last checkpoint after a failure; default without limit, 1000 ms apart. */
  readonly restart?: { readonly attempts: number; readonly delayMs: number }
  /** How much may be under way at once; the engine's defaults where left out. */
  readonly limits?: LimitOptions
  /** End-to-end tests: `tags` that they may have besides those of the gate, with what each is for. */
  readonly e2e?: { readonly tags?: Readonly<Record<string, string>> }
  /** Formats by topic, for showing and sending records by hand. */
  readonly topics?: Readonly<Record<string, TopicFormat>>
  /** How `statefun deploy` brings the app to Kubernetes. */
  readonly deploy?: DeployConfig
}

/** Of checkpoints. */
export const LONGEST_INTERVAL_MS = 86_400_000

const BACKENDS: readonly string[] = ['hashmap', 'disk']

const SHAPE: Readonly<Record<string, readonly string[] | 'any'>> = {
  app: 'any',
  module: 'any',
  functions: 'any',
  checkpoint: ['place', 'dir', 'interval', 'intervalMs', 'retain', 'compactAfterBytes'],
  state: ['backend', 'dir', 'cacheBytes'],
  admin: ['host', 'port', 'names'],
  playground: ['host'],
  restart: ['attempts', 'delayMs'],
  limits: ['maxInFlight', 'maxPendingMessages', 'maxPendingBytes'],
  e2e: ['tags'],
  topics: 'any',
  deploy: 'any',
}

/**
 * Types and checks a configuration.
 *
 * @throws StatefunError `SF_CONFIG_UNKNOWN_FIELD`, `SF_CONFIG_VALUE`
 * @example
 * export const config = defineConfig({ app: 'shop', module: './module.yaml', functions: [counter] })
 */
export function defineConfig(config: StatefunConfig): StatefunConfig {
  checkFields('', config, Object.keys(SHAPE))
  for (const [name, fields] of Object.entries(SHAPE)) {
    const part: unknown = config[name as keyof StatefunConfig]
    if (fields === 'any' || part === undefined) continue
    if (typeof part !== 'object' || part === null) throw wrongValue(name, 'is an object')
    checkFields(`${name}.`, part, fields)
  }
  const { app, functions = [], checkpoint, state, admin, restart, topics = {}, deploy = {} } = config
  // Its fields are checked by the commands that read it.
  if (typeof deploy !== 'object' || deploy === null) throw wrongValue('deploy', 'is an object')
  if (typeof app !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(app)) {
    throw wrongValue('app', 'is 1 to 100 letters, digits, ".", "_" or "-", starting with a letter or digit')
  }
  if (!Array.isArray(functions)) throw wrongValue('functions', 'is a list of functions')
  functions.forEach((candidate: unknown, index) => {
    if (!isFunction(candidate)) throw wrongValue(`functions[${index}]`, 'is what defineFunction returns')
  })
  requireInterval('checkpoint.interval', checkpoint?.interval)
  requireNumber('checkpoint.intervalMs', checkpoint?.intervalMs, 1, LONGEST_INTERVAL_MS)
  requireNumber('checkpoint.retain', checkpoint?.retain, 1, 1000)
  requireNumber('checkpoint.compactAfterBytes', checkpoint?.compactAfterBytes, 1, Number.MAX_SAFE_INTEGER)
  for (const field of ['place', 'dir'] as const) {
    const place: unknown = checkpoint?.[field]
    if (place !== undefined && (typeof place !== 'string' || place === ''))
      throw wrongValue(`checkpoint.${field}`, 'is a folder or a URL')
  }
  if (state?.backend !== undefined && !BACKENDS.includes(state.backend))
    throw wrongValue('state.backend', `is ${BACKENDS.join(' or ')}`)
  const dir: unknown = state?.dir
  if (dir !== undefined && (typeof dir !== 'string' || dir === ''))
    throw wrongValue('state.dir', 'is a folder')
  requireNumber('state.cacheBytes', state?.cacheBytes, 1, Number.MAX_SAFE_INTEGER)
  requireNumber('admin.port', admin?.port, 0, 65_535)
  const names: unknown = admin?.names ?? []
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string' && name !== ''))
    throw wrongValue('admin.names', 'is a list of host names')
  requireNumber('restart.attempts', restart?.attempts, 0, 2_147_483_647)
  requireNumber('restart.delayMs', restart?.delayMs, 0, 86_400_000)
  for (const [tag, about] of Object.entries(config.e2e?.tags ?? {})) {
    if (typeof about !== 'string')
      throw wrongValue(`e2e.tags["${tag}"]`, 'is text that says what the tag is for')
  }
  for (const [topic, format] of Object.entries(topics)) {
    if (typeof format?.toJson !== 'function' || typeof format.fromJson !== 'function') {
      throw wrongValue(`topics["${topic}"]`, 'has the functions toJson and fromJson')
    }
  }
  return config
}

function checkFields(prefix: string, part: object, known: readonly string[]): void {
  for (const field of Object.keys(part)) {
    if (known.includes(field)) continue
    const nearest = nearestName(field, known)
    throw new StatefunError('SF_CONFIG_UNKNOWN_FIELD', `the configuration has no field "${prefix}${field}"`, {
      hint:
        nearest === undefined ? `known fields: ${known.join(', ')}` : `did you mean "${prefix}${nearest}"?`,
    })
  }
}

function isFunction(candidate: unknown): boolean {
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    'typename' in candidate &&
    'invoke' in candidate &&
    typeof candidate.invoke === 'function'
  )
}

function requireInterval(name: string, value: unknown): void {
  if (value === undefined) return
  if (typeof value === 'string' || typeof value === 'number') {
    try {
      const milliseconds = parseDuration(value)
      if (milliseconds >= 1 && milliseconds <= LONGEST_INTERVAL_MS) return
    } catch {
      // Said below, with the name of the field.
    }
  }
  throw wrongValue(name, 'is a duration from 1 ms to 1 day, such as "100 ms"')
}

function requireNumber(name: string, value: unknown, least: number, most: number): void {
  if (value === undefined) return
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return
  throw wrongValue(name, `is a whole number from ${least} to ${most}`)
}

function wrongValue(name: string, rule: string): StatefunError {
  return new StatefunError('SF_CONFIG_VALUE', `"${name}" of the configuration ${rule}`)
}
