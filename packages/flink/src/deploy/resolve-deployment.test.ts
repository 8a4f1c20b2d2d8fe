import { StatefunError } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { CONFIG, deploymentOf } from '../../test/samples.ts'
import type { DeployConfig } from './deploy-config.ts'
import { deploymentName, resolveDeployment } from './resolve-deployment.ts'

function failureOf(config: unknown): [code: string, message: string, hint: string | undefined] {
  try {
    resolveDeployment({ app: 'shop', config: config as DeployConfig, module: '' })
  } catch (error) {
    const { code, message, hint } = StatefunError.from(error)
    return [code, message, hint]
  }
  throw new Error('it was taken')
}

describe('a description', () => {
  it('needs little', () => {
    const { flink, functions, storage, name, namespace } = deploymentOf()
    expect([name, namespace, flink?.flinkVersion, functions?.name]).toEqual([
      'shop',
      'default',
      'v2_2',
      'shop-functions',
    ])
    expect(storage).toEqual({
      checkpoints: 's3://bucket/shop/checkpoints',
      savepoints: 's3://bucket/shop/savepoints',
      highAvailability: 's3://bucket/shop/ha',
      pathStyle: false,
    })
  })

  it('may name the folder of the checkpoints itself', () => {
    const storage = {
      checkpoints: 's3://bucket/x/checkpoints/',
      savepoints: 's3://other/s',
      endpoint: 'http://minio:9000',
    }
    expect(deploymentOf({ storage }).storage).toEqual({
      checkpoints: 's3://bucket/x/checkpoints',
      savepoints: 's3://other/s',
      highAvailability: 's3://bucket/x/ha',
      endpoint: 'http://minio:9000',
      pathStyle: true,
    })
  })

  it.each<[DeployConfig, string | undefined]>([
    [{ flink: { ...CONFIG.flink, operatorVersion: '1.15' } }, 'v2_2'],
    [{ flink: { ...CONFIG.flink, operatorVersion: '1.16.1' } }, 'v2_2'],
    [{ flink: { ...CONFIG.flink, operatorVersion: '1.11' } }, 'v2_0'],
    [{ profile: 'apache' }, 'v1_16'],
    [{ profile: 'apache', flink: { ...CONFIG.flink, operatorVersion: '1.7' } }, 'v1_16'],
    [{ profile: 'embedded' }, undefined],
  ])('%j is for Flink %s', (changes, version) => {
    expect(deploymentOf(changes).flink?.flinkVersion).toBe(version)
  })

  it('gives objects the name of the app as Kubernetes takes it', () => {
    expect(['My_Shop', '2nd shop.', 'x'.repeat(60)].map(deploymentName)).toEqual([
      'my-shop',
      'nd-shop',
      'x'.repeat(40),
    ])
    expect(() => deploymentName('123')).toThrow('needs "deploy.name"')
  })

  it('takes no prefix of the environment that would run into the names of images', () => {
    const input = {
      app: 'shop',
      config: CONFIG,
      module: '',
      imageRegistryPrefix: 'registry.example.com/proxy',
    }
    expect(() => resolveDeployment(input)).toThrow(expect.objectContaining({ code: 'SF_IMAGE_PREFIX' }))
  })

  it.each<[unknown, string, string, string | undefined]>([
    [{ profle: 'kzm' }, 'SF_CONFIG_UNKNOWN_FIELD', '"deploy.profle"', 'did you mean "deploy.profile"?'],
    [
      { functions: { imag: 'a' } },
      'SF_CONFIG_UNKNOWN_FIELD',
      '"deploy.functions.imag"',
      'did you mean "deploy.functions.image"?',
    ],
    [{ profile: 'apach' }, 'SF_CONFIG_VALUE', 'is kzm or apache or embedded', 'did you mean "apache"?'],
    [{ name: 'Shop' }, 'SF_CONFIG_VALUE', '"deploy.name"', undefined],
    [
      { imageRegistryPrefix: 'registry.example.com/proxy' },
      'SF_CONFIG_VALUE',
      'a prefix that ends with "/"',
      undefined,
    ],
    [
      { functions: { resources: { requests: { cpu: 'lots' } } } },
      'SF_CONFIG_VALUE',
      'requests.cpu',
      undefined,
    ],
    [{ functions: { replicas: 1.5 } }, 'SF_CONFIG_VALUE', 'whole number from 0', undefined],
    [{ storage: { checkpoints: '/tmp/x' } }, 'SF_CONFIG_VALUE', 's3://bucket/prefix', undefined],
    [
      { storage: { checkpoints: 's3://bucket', endpoint: 'http://a:b@c' } },
      'SF_CONFIG_VALUE',
      'without credentials',
      undefined,
    ],
    [
      { storage: { checkpoints: 's3://bucket', credentials: { accessKeyId: 'AKIA' } } },
      'SF_CONFIG_VALUE',
      'needs the field "secret"',
      undefined,
    ],
    [
      { storage: { checkpoints: 's3://bucket', credentials: { role: 'admin' } } },
      'SF_CONFIG_VALUE',
      'the ARN of a role',
      undefined,
    ],
    [{ checkpoint: { interval: 'often' } }, 'SF_CONFIG_VALUE', 'is a duration', undefined],
    [{ flink: { env: { A: { secret: 's' } } } }, 'SF_CONFIG_VALUE', 'needs the field "key"', undefined],
    [{ flink: { taskManager: { memory: '2 gallons' } } }, 'SF_CONFIG_VALUE', 'as Flink writes it', undefined],
    [
      { functions: true },
      'SF_CONFIG_VALUE',
      '"deploy.functions" of the configuration is an object',
      undefined,
    ],
    [
      {},
      'SF_DEPLOY_MISSING',
      '"deploy.storage.checkpoints"',
      'write where checkpoints are kept: s3://bucket/prefix',
    ],
    [
      { storage: CONFIG.storage },
      'SF_DEPLOY_MISSING',
      '"deploy.functions.image"',
      'name the image of the functions, or write functions: false',
    ],
    [
      { storage: CONFIG.storage, functions: false },
      'SF_DEPLOY_MISSING',
      '"deploy.flink.image"',
      expect.any(String),
    ],
    [
      { storage: CONFIG.storage, profile: 'embedded' },
      'SF_DEPLOY_MISSING',
      '"deploy.engine.image"',
      expect.any(String),
    ],
    [
      { ...CONFIG, flink: { image: 'f', operatorVersion: '1.10' } },
      'SF_DEPLOY_OPERATOR',
      'operator 1.10 does not know',
      expect.stringContaining('1.15'),
    ],
  ])('refuses %j', (config, code, message, hint) => {
    expect(failureOf(config)).toEqual([code, expect.stringContaining(message), hint])
  })
})
