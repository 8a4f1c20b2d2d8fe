import { nearestName } from '@statefun/protocol'
import type { Finding } from '../check/finding.ts'
import type { FlinkVersion } from '../deploy/deployment.ts'
import { knownKeys } from './known-keys.ts'

/** Short forms that Flink 2 does not act on, and what it wants in their place (contract 7.2). */
const INEFFECTIVE_ON_2 = new Map([
  ['state.backend', 'state.backend.type'],
  ['high-availability', 'high-availability.type'],
  ['restart-strategy', 'restart-strategy.type'],
])

/** Names of Flink 2 for what Flink 1.16 has under another. */
const EARLIER_NAMES = new Map([
  ...[...INEFFECTIVE_ON_2].map(([short, long]) => [long, short] as const),
  ['env.java.opts.all', 'env.java.opts'] as const,
  ['execution.checkpointing.dir', 'state.checkpoints.dir'] as const,
  ['execution.checkpointing.savepoint-dir', 'state.savepoints.dir'] as const,
  ['execution.checkpointing.num-retained', 'state.checkpoints.num-retained'] as const,
  ['execution.checkpointing.incremental', 'state.backend.incremental'] as const,
])

const WRONG_PREFIX = 'execution.restart-strategy'
const PATTERNS = 'classloader.parent-first-patterns.additional'
const NEEDED_PATTERNS = ['org.apache.flink.statefun', 'org.apache.kafka', 'com.google.protobuf']
const KEYS_OF_S3 = /^(?:fs\.)?s3a?\.(?:access[.-]key|secret[.-]key)$/

/** What is wrong with settings of Flink: names that do nothing, and values with which StateFun does not work. */
export function checkFlinkKeys(
  settings: Readonly<Record<string, string | number | boolean>>,
  version: FlinkVersion,
): readonly Finding[] {
  return Object.entries(settings).flatMap(([key, value]) => {
    const finding = checkName(key, version) ?? checkValue(key, String(value), version)
    return finding === undefined ? [] : [{ ...finding, anchor: key }]
  })
}

function checkName(key: string, version: FlinkVersion): Finding | undefined {
  const flink = version === 'v1_16' ? 'Flink 1.16' : 'Flink 2'
  const known = knownKeys(version === 'v1_16' ? '1.16' : '2')
  const better =
    version === 'v1_16'
      ? EARLIER_NAMES.get(key)
      : (INEFFECTIVE_ON_2.get(key) ??
        (key.startsWith(`${WRONG_PREFIX}.`) ? key.slice('execution.'.length) : undefined))
  if (better !== undefined && (version !== 'v1_16' || !known.has(key))) {
    return {
      severity: 'error',
      code: 'SF_DEPLOY_FLINK_KEY_IGNORED',
      message: `${flink} ignores the setting "${key}" without a word`,
      hint: `write "${better}"`,
    }
  }
  if (!known.has(key)) {
    const near = nearestName(key, known.names)
    return {
      severity: 'error',
      code: 'SF_DEPLOY_FLINK_KEY_UNKNOWN',
      message: `${flink} knows no setting "${key}" and would ignore it`,
      hint:
        near === undefined ? 'look it up in the documentation of that version' : `did you mean "${near}"?`,
    }
  }
  return undefined
}

function checkValue(key: string, value: string, version: FlinkVersion): Finding | undefined {
  const checked = version === 'v1_16'
  const severity = checked ? 'error' : 'warning'
  if (KEYS_OF_S3.test(key)) {
    return {
      severity: 'error',
      code: 'SF_DEPLOY_SECRET',
      message: `"${key}" would put a credential into the FlinkDeployment, for everybody to read`,
      hint: 'name a Secret or a role in deploy.storage.credentials',
    }
  }
  if (/^execution\.checkpointing\.unaligned(\.enabled)?$/.test(key) && value === 'true') {
    const message = 'StateFun does not work with unaligned checkpoints'
    return { severity, code: 'SF_DEPLOY_FLINK_VALUE', message, hint: 'leave the setting out' }
  }
  if (key === 'state.backend.rocksdb.timer-service.factory' && value.toLowerCase() !== 'rocksdb') {
    const message = 'StateFun needs its timers in RocksDB'
    return { severity, code: 'SF_DEPLOY_FLINK_VALUE', message, hint: 'leave the setting out' }
  }
  const missing = NEEDED_PATTERNS.filter((pattern) => !value.split(';').includes(pattern))
  if (key === PATTERNS && missing.length > 0) {
    const message = `StateFun needs ${missing.join(' and ')} among the parent-first patterns`
    return { severity, code: 'SF_DEPLOY_FLINK_VALUE', message, hint: `add ${missing.join(';')}` }
  }
  return undefined
}
