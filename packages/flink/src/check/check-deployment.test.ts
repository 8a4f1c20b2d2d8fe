import { describe, expect, it } from 'vitest'
import { CONFIG, MODULE } from '../../test/samples.ts'
import type { DeployConfig } from '../deploy/deploy-config.ts'
import { planDeployment } from '../deploy/plan-deployment.ts'

function problemsOf(changes: DeployConfig = {}, module = MODULE, configText = ''): readonly string[] {
  return planDeployment({
    app: 'shop',
    config: { ...CONFIG, ...changes },
    module: { file: 'module.yaml', text: module },
    configFile: { file: 'statefun.config.ts', text: configText },
    env: {},
  }).problems.map(
    ({ severity, code, location }) =>
      `${location.file}:${location.line}:${location.column} ${severity} ${code}`,
  )
}

const WITH_TEXT = `export const config = defineConfig({
  deploy: {
    flink: {
      configuration: {
        'state.backend': 'rocksdb',
      },
      taskManager: { memory: '600m' },
    },
  },
})
`

describe('before anything is applied', () => {
  it.each(['kzm', 'apache', 'embedded'] as const)('nothing is wrong with a plain app on %s', (profile) => {
    expect(problemsOf({ profile })).toEqual([])
  })

  it('names the place in the configuration', () => {
    const flink = {
      ...CONFIG.flink,
      configuration: { 'state.backend': 'rocksdb' },
      taskManager: { memory: '600m' },
    }
    expect(problemsOf({ flink }, MODULE, WITH_TEXT)).toEqual([
      'statefun.config.ts:7:7 error SF_DEPLOY_RESOURCES',
      'statefun.config.ts:5:9 error SF_DEPLOY_FLINK_KEY_IGNORED',
    ])
  })

  it('shows the line, and says what to write', () => {
    const { problems } = planDeployment({
      app: 'shop',
      config: { ...CONFIG, flink: { ...CONFIG.flink, configuration: { 'state.backend': 'rocksdb' } } },
      module: { file: 'module.yaml', text: MODULE },
      configFile: { file: 'statefun.config.ts', text: WITH_TEXT },
      env: {},
    })
    expect(problems[0]).toEqual({
      severity: 'error',
      code: 'SF_DEPLOY_FLINK_KEY_IGNORED',
      message: 'Flink 2 ignores the setting "state.backend" without a word',
      hint: 'write "state.backend.type"',
      location: { file: 'statefun.config.ts', line: 5, column: 9 },
      excerpt: "   5 |         'state.backend': 'rocksdb',\n     |         ^",
    })
  })

  it('an exactly-once egress cannot start on kzm, and its transactions must last on Apache', () => {
    const module = MODULE.replace('{type: at-least-once}', '{type: exactly-once, transactionTimeout: 5 s}')
    expect(problemsOf({}, module)).toEqual(['module.yaml:16:63 error SF_MODULE_FLINK_REFUSES'])
    expect(problemsOf({ profile: 'apache' }, module)).toEqual([
      'module.yaml:16:12 error SF_DEPLOY_TRANSACTION_TIMEOUT',
    ])
    const long = module.replace('5 s', '20 min')
    expect(problemsOf({ profile: 'apache' }, long)).toEqual([
      'module.yaml:16:12 warning SF_DEPLOY_TRANSACTION_TIMEOUT',
    ])
  })

  it('group-offsets fail on kzm where there are none yet', () => {
    const module = MODULE.replace('{type: earliest}', '{type: group-offsets}')
    expect(problemsOf({}, module)).toEqual(['module.yaml:11:20 warning SF_MODULE_FLINK_DIFFERS'])
    expect(problemsOf({ profile: 'apache' }, module)).toEqual([])
  })

  it('a placeholder without a value is an error with its place', () => {
    const module = MODULE.replace(':-kafka:9092', '')
    expect(problemsOf({}, module)).toEqual(['module.yaml:9:12 error SF_MODULE_PLACEHOLDER'])
    expect(problemsOf({ env: { KAFKA: 'k:1' } }, module)).toEqual([])
    expect(problemsOf({ profile: 'embedded' }, module)).toEqual([
      'module.yaml:9:12 error SF_MODULE_PLACEHOLDER',
    ])
    const engine = { image: 'e', env: { KAFKA: { secret: 'kafka', key: 'servers' } } }
    expect(problemsOf({ profile: 'embedded', engine }, module)).toEqual([])
  })

  it('what a pod would look for on itself is a warning', () => {
    const module = MODULE.replace('shop-functions.default:8000', 'localhost:8000').replace(
      '"kafka:9092"',
      '"localhost:9092"',
    )
    expect(problemsOf({}, module)).toEqual([
      'module.yaml:3:14 warning SF_DEPLOY_LOOPBACK',
      'module.yaml:16:12 warning SF_DEPLOY_LOOPBACK',
    ])
  })

  it('credentials in a ConfigMap are a warning', () => {
    const module = MODULE.replace('id: shop/out,', 'id: shop/out, properties: [{sasl.jaas.config: x}],')
    expect(problemsOf({}, module)).toEqual(['module.yaml:16:12 warning SF_DEPLOY_SECRET_IN_CONFIG_MAP'])
    expect(problemsOf({ moduleAs: 'Secret' }, module)).toEqual([])
  })

  it.each<[string, DeployConfig, string]>([
    ['an autoscaler upside down', { functions: { image: 'f', autoscaling: { min: 5, max: 2 } } }, 'error'],
    [
      'an autoscaler without a request',
      {
        functions: {
          image: 'f',
          autoscaling: { min: 1, max: 2 },
          resources: { requests: { memory: '1Gi' } },
        },
      },
      'error',
    ],
    [
      'a request above its limit',
      { functions: { image: 'f', resources: { requests: { cpu: 2 }, limits: { cpu: '500m' } } } },
      'error',
    ],
    ['a JobManager without a heap', { flink: { image: 'f', jobManager: { memory: '512m' } } }, 'error'],
    ['a JobManager with hardly any', { flink: { image: 'f', jobManager: { memory: '640m' } } }, 'warning'],
    ['tasks with hardly any heap', { flink: { image: 'f', taskManager: { memory: '1024m' } } }, 'warning'],
  ])('%s is reported', (_what, changes, severity) => {
    expect(problemsOf(changes)).toEqual([`statefun.config.ts:1:1 ${severity} SF_DEPLOY_RESOURCES`])
  })
})
