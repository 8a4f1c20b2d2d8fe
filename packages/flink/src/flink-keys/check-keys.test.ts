import { describe, expect, it } from 'vitest'
import { deploymentOf } from '../../test/samples.ts'
import { flinkConfiguration } from '../manifests/flink-configuration.ts'
import { checkFlinkKeys } from './check-keys.ts'

const found = (settings: Record<string, string | boolean>, version: 'v1_16' | 'v2_0' | 'v2_2') =>
  checkFlinkKeys(settings, version).map(({ severity, code, hint }) => `${severity} ${code}: ${hint}`)

const IGNORED = 'error SF_DEPLOY_FLINK_KEY_IGNORED:'
const UNKNOWN = 'error SF_DEPLOY_FLINK_KEY_UNKNOWN:'

describe('settings of Flink', () => {
  it.each([
    ['state.backend', `${IGNORED} write "state.backend.type"`],
    ['high-availability', `${IGNORED} write "high-availability.type"`],
    ['restart-strategy', `${IGNORED} write "restart-strategy.type"`],
    ['execution.restart-strategy.type', `${IGNORED} write "restart-strategy.type"`],
    [
      'execution.restart-strategy.fixed-delay.attempts',
      `${IGNORED} write "restart-strategy.fixed-delay.attempts"`,
    ],
    ['taskmanager.numberOfTasksSlots', `${UNKNOWN} did you mean "taskmanager.numberOfTaskSlots"?`],
    ['statefun.async.max-per-tasks', `${UNKNOWN} did you mean "statefun.async.max-per-task"?`],
  ])('%s does nothing on Flink 2', (key, problem) => {
    expect(found({ [key]: 'x' }, 'v2_2')).toEqual([problem])
    expect(found({ [key]: 'x' }, 'v2_0')).toEqual([problem])
  })

  it.each([
    ['state.backend.type', `${IGNORED} write "state.backend"`],
    ['high-availability.type', `${IGNORED} write "high-availability"`],
    ['restart-strategy.type', `${IGNORED} write "restart-strategy"`],
    ['env.java.opts.all', `${IGNORED} write "env.java.opts"`],
    ['execution.checkpointing.dir', `${IGNORED} write "state.checkpoints.dir"`],
  ])('%s does nothing on Flink 1.16', (key, problem) => {
    expect(found({ [key]: 'x' }, 'v1_16')).toEqual([problem])
    expect(found({ [key]: 'x' }, 'v2_2')).toEqual([])
  })

  it.each(['s3.access-key', 's3.secret-key', 's3.secret.key', 'fs.s3a.access.key'])(
    '%s is no place for a key',
    (key) => {
      expect(found({ [key]: 'test' }, 'v2_2')).toEqual([
        'error SF_DEPLOY_SECRET: name a Secret or a role in deploy.storage.credentials',
      ])
    },
  )

  it('values that StateFun does not work with are errors on Apache, which checks them, and warnings on kzm', () => {
    const settings = {
      'execution.checkpointing.unaligned': true,
      'state.backend.rocksdb.timer-service.factory': 'HEAP',
      'classloader.parent-first-patterns.additional': 'org.apache.kafka',
    }
    const codes = (version: 'v1_16' | 'v2_2') =>
      checkFlinkKeys(settings, version).map(({ severity, anchor }) => `${severity} ${anchor}`)
    expect(codes('v1_16')).toEqual(Object.keys(settings).map((key) => `error ${key}`))
    expect(codes('v2_2')).toEqual(Object.keys(settings).map((key) => `warning ${key}`))
  })

  it('names that others make up are taken', () => {
    const settings = {
      'metrics.reporter.otel.factory.class': 'x',
      'fs.s3a.connection.maximum': '7',
      'kubernetes.operator.periodic.savepoint.interval': '6h',
      'statefun.module.global-config.key': 'v',
      'containerized.master.env.A': 'b',
    }
    expect(found(settings, 'v2_2')).toEqual([])
    expect(found(settings, 'v1_16')).toEqual([])
  })

  it.each(['kzm', 'apache'] as const)('what is rendered for %s is known to its Flink', (profile) => {
    for (const restart of [undefined, { attempts: 3, delay: '5 s' }]) {
      const deployment = deploymentOf({
        profile,
        flink: { image: 'f', ...(restart === undefined ? {} : { restart }) },
        storage: { checkpoints: 's3://bucket/p', endpoint: 'http://m:9000' },
      })
      const settings = flinkConfiguration(deployment, deployment.flink!)
      expect(Object.keys(settings).length).toBeGreaterThan(25)
      expect(checkFlinkKeys(settings, deployment.flink!.flinkVersion)).toEqual([])
    }
  })
})
