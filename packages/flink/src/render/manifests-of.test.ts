import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { CONFIG, deploymentOf, MODULE } from '../../test/samples.ts'
import type { DeployConfig } from '../deploy/deploy-config.ts'
import { manifestsOf } from './manifests-of.ts'
import { renderFolder } from './render-folder.ts'
import { toYamlStream } from './to-yaml.ts'

const PROFILES = ['kzm', 'apache', 'embedded'] as const
const ALL_IMAGES: DeployConfig = {
  functions: { image: 'shop/functions:1', autoscaling: { min: 1, max: 2 } },
  flink: { image: 'ghcr.example/flink:1' },
  engine: { image: 'localhost:5000/engine@sha256:0f' },
  storage: {
    checkpoints: 's3://bucket/shop',
    credentials: { secret: 's3', accessKeyId: 'id', secretAccessKey: 'key' },
  },
}

/** Every value below a key `image`, at any depth. */
function imagesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(imagesIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => (key === 'image' ? [String(item)] : imagesIn(item)))
}

describe('the manifests', () => {
  it.each(PROFILES)('of %s come in the order in which they are applied', (profile) => {
    const kinds = manifestsOf(deploymentOf({ ...ALL_IMAGES, profile })).map(({ kind }) => kind)
    const functions = ['Service', 'Deployment', 'HorizontalPodAutoscaler', 'PodDisruptionBudget']
    expect(kinds).toEqual(
      profile === 'embedded'
        ? ['ServiceAccount', 'ConfigMap', ...functions, 'Service', 'StatefulSet']
        : ['ServiceAccount', 'Role', 'RoleBinding', 'ConfigMap', ...functions, 'FlinkDeployment'],
    )
  })

  it.each(PROFILES)('of %s are the same text each time, and read back as what they are', (profile) => {
    const manifests = manifestsOf(deploymentOf({ ...ALL_IMAGES, profile }))
    const text = toYamlStream(manifests)
    expect(toYamlStream(manifestsOf(deploymentOf({ ...ALL_IMAGES, profile })))).toBe(text)
    expect(parseAllDocuments(text).map((document) => document.toJS())).toEqual(manifests)
    const files = renderFolder(manifests)
    expect(new Set(files.map(({ name }) => name)).size).toBe(manifests.length + 1)
    const [kustomization, ...others] = files
    expect(parseAllDocuments(kustomization!.text)[0]?.toJS().resources).toEqual(
      others.map(({ name }) => name),
    )
  })

  it.each(PROFILES)('of %s have every image behind the prefix of the registry', (profile) => {
    const prefix = 'registry.example.com/proxy/'
    const plain = imagesIn(manifestsOf(deploymentOf({ ...ALL_IMAGES, profile })))
    const images = imagesIn(
      manifestsOf(deploymentOf({ ...ALL_IMAGES, profile, imageRegistryPrefix: prefix })),
    )
    expect(images).toEqual(plain.map((image) => prefix + image))
    expect(images.length).toBe(2)
    // No image is named elsewhere: in an argument, a variable, or under another key.
    const text = toYamlStream(
      manifestsOf(deploymentOf({ ...ALL_IMAGES, profile, imageRegistryPrefix: prefix })),
    )
    for (const image of plain)
      expect(text.split(image).length - 1).toBe(images.filter((one) => one === prefix + image).length)
    // One that has it already is left alone.
    const again = deploymentOf({
      profile,
      imageRegistryPrefix: prefix,
      functions: { image: `${prefix}shop/functions:1` },
      flink: { image: `${prefix}flink:1` },
      engine: { image: `${prefix}engine:1` },
    })
    expect(imagesIn(manifestsOf(again)).every((image) => image.lastIndexOf(prefix) === 0)).toBe(true)
  })

  it.each(PROFILES)('of %s refer to Secrets and never hold what is in them', (profile) => {
    const functions = { image: 'f', env: { TOKEN: { secret: 'token', key: 'value' } } }
    const text = toYamlStream(manifestsOf(deploymentOf({ ...ALL_IMAGES, functions, profile })))
    for (const key of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'TOKEN']) {
      expect(text).toMatch(new RegExp(`name: ${key}\\n +valueFrom:\\n +secretKeyRef:\\n`))
    }
    expect(text).not.toMatch(/s3\.(access|secret)/)
  })

  it.each(PROFILES)('of %s put a role on the service account in place of keys', (profile) => {
    const role = 'arn:aws:iam::123456789012:role/shop'
    const manifests = manifestsOf(
      deploymentOf({ profile, storage: { checkpoints: 's3://bucket/p', credentials: { role } } }),
    )
    expect(manifests[0]?.metadata).toMatchObject({ annotations: { 'eks.amazonaws.com/role-arn': role } })
    expect(toYamlStream(manifests)).not.toContain('AWS_ACCESS_KEY_ID')
  })

  it('change the pods when module.yaml changes', () => {
    const podsOf = (module: string) => JSON.stringify(manifestsOf(deploymentOf({}, module)).at(-1))
    expect(podsOf(MODULE)).not.toBe(podsOf(`${MODULE}\n`))
  })

  it('keep module.yaml in a Secret when asked to', () => {
    const manifests = manifestsOf(deploymentOf({ moduleAs: 'Secret' }))
    const secret = manifests.find(({ kind }) => kind === 'Secret') as unknown as {
      data: Record<string, string>
    }
    expect(Buffer.from(secret.data['module.yaml']!, 'base64').toString()).toBe(MODULE)
    expect(JSON.stringify(manifests.at(-1))).toContain('"secret":{"secretName":"shop-module"}')
    expect(manifests.some(({ kind }) => kind === 'ConfigMap')).toBe(false)
  })

  it('leave the number of pods to an autoscaler', () => {
    const specOf = (changes: DeployConfig) =>
      (
        manifestsOf(deploymentOf(changes)).find(({ kind }) => kind === 'Deployment') as unknown as {
          spec: object
        }
      ).spec
    expect(specOf({ functions: { image: 'f', replicas: 4 } })).toMatchObject({ replicas: 4 })
    expect(specOf({ functions: { image: 'f', autoscaling: { min: 1, max: 2 } } })).not.toHaveProperty(
      'replicas',
    )
  })

  it('replace the engine only when the old one is gone, and give it time to drain', () => {
    const set = manifestsOf(deploymentOf({ profile: 'embedded', engine: { image: 'e', drain: '45 s' } })).at(
      -1,
    )
    expect(set).toMatchObject({
      kind: 'StatefulSet',
      spec: {
        replicas: 1,
        updateStrategy: { type: 'RollingUpdate' },
        template: { spec: { terminationGracePeriodSeconds: 75 } },
      },
    })
  })

  it('have no functions where they run elsewhere', () => {
    const kinds = manifestsOf(deploymentOf({ ...CONFIG, functions: false })).map(({ kind }) => kind)
    expect(kinds).toEqual(['ServiceAccount', 'Role', 'RoleBinding', 'ConfigMap', 'FlinkDeployment'])
  })
})
