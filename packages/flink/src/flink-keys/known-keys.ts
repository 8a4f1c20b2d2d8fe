import { FLINK_1_16_KEYS } from '../gen/flink-1-16-keys.ts'
import { FLINK_2_KEYS } from '../gen/flink-2-keys.ts'

/** The settings that a line of Flink knows. */
export interface KnownKeys {
  readonly names: readonly string[]
  /** Whether a setting of this name is read at all. */
  has(key: string): boolean
  /** The name that has replaced an older one which is still read; undefined for a current name. */
  replacement(key: string): string | undefined
}

/** Options of StateFun (contract 5.3). */
const STATEFUN_KEYS = [
  'statefun.async.max-per-task',
  'statefun.embedded',
  'statefun.feedback.memory.size',
  'statefun.flink-job-name',
  'statefun.message.custom-payload-serializer-class',
  'statefun.message.serializer',
  'statefun.remote.module-name',
]

/** Below these, names are read by parts that are not Flink's own, or made up by whoever writes them. */
const OPEN_PREFIXES = [
  ...['fs.', 's3.', 's3a.', 'presto.s3.', 'oss.', 'gs.', 'azure.', 'containerized.', 'flink.hadoop.'],
  ...['metrics.reporter.', 'metrics.scope.', 'traces.reporter.', 'events.reporter.', 'external-resource.'],
  ...['kubernetes.operator.', 'job.autoscaler.', 'statefun.module.global-config.', 'security.'],
]

const cache = new Map<string, KnownKeys>()

/** What Flink 1.16 knows, or Flink 2.0 to 2.2, with StateFun's own options. */
export function knownKeys(line: '1.16' | '2'): KnownKeys {
  let keys = cache.get(line)
  if (keys === undefined) {
    keys = parse(line === '1.16' ? FLINK_1_16_KEYS : FLINK_2_KEYS)
    cache.set(line, keys)
  }
  return keys
}

function parse(text: string): KnownKeys {
  const replacements = new Map<string, string | undefined>(STATEFUN_KEYS.map((key) => [key, undefined]))
  for (const line of text.trim().split('\n')) {
    const [key = '', replacement] = line.split(' ')
    if (!key.includes('<')) replacements.set(key, replacement)
  }
  const names = [...replacements.keys()]
  return {
    names,
    has: (key) => replacements.has(key) || OPEN_PREFIXES.some((prefix) => key.startsWith(prefix)),
    replacement: (key) => replacements.get(key),
  }
}
