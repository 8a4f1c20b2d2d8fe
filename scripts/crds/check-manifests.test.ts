import type { Manifest } from '@statefun/flink'
import { describe, expect, it } from 'vitest'
import { checkManifests } from './check-manifests.ts'
import { readCrds } from './read-crds.ts'
import { renderExample } from './render-example.ts'

const CRD = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  group: example.com
  names: {kind: Thing}
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            spec:
              type: object
              required: [size]
              properties:
                size: {enum: [small, large], type: string}
                count: {type: integer}
                port: {x-kubernetes-int-or-string: true}
                settings: {type: object, additionalProperties: {type: string}}
                anything: {type: object, x-kubernetes-preserve-unknown-fields: true}
                list: {type: array, items: {type: object, properties: {name: {type: string}}}}
---
kind: Other
`

const thing = (spec: unknown, metadata: object = {}) =>
  [
    {
      apiVersion: 'example.com/v1',
      kind: 'Thing',
      metadata: { name: 'one', namespace: 'n', ...metadata },
      spec,
    },
  ] as unknown as Manifest[]

async function findings(manifests: readonly Manifest[]): Promise<readonly string[]> {
  return (await checkManifests(manifests, readCrds(CRD))).map(({ text }) => text)
}

describe('custom kinds', () => {
  it('takes what the schema allows', async () => {
    const spec = {
      size: 'small',
      count: 1,
      port: 'http',
      settings: { a: 'b' },
      anything: { c: [1] },
      list: [{ name: 'n' }],
    }
    expect(await findings(thing(spec))).toEqual([])
    expect(await findings(thing({ size: 'large', port: 80 }))).toEqual([])
  })

  it.each([
    [{ size: 'tiny' }, 'spec.size: "tiny" is none of small, large'],
    [{}, "spec: must have required property 'size'"],
    [{ size: 'small', count: '1' }, 'spec.count: must be integer'],
    [{ size: 'small', cuont: 1 }, 'spec: unknown field "cuont"'],
    [{ size: 'small', settings: { a: 1 } }, 'spec.settings.a: must be string'],
    [{ size: 'small', list: [{ nmae: 'n' }] }, 'spec.list.0: unknown field "nmae"'],
  ])('finds %j', async (spec, text) => {
    expect(await findings(thing(spec))).toEqual([text])
  })

  it('looks at the metadata as well', async () => {
    expect(await findings(thing({ size: 'small' }, { lables: {} }))).toEqual([
      'metadata: unknown field "lables"',
    ])
  })
})

describe('kinds of Kubernetes', () => {
  const rendered = renderExample({ profile: 'kzm' })
  const changed = (kind: string, change: (object: Record<string, never>) => void) => {
    const copy = structuredClone(rendered.filter((manifest) => manifest.kind === kind)) as unknown as Record<
      string,
      never
    >[]
    for (const object of copy) change(object)
    return copy as unknown as Manifest[]
  }
  const container = (object: Record<string, never>) => {
    const { spec } = object as unknown as {
      spec: { template: { spec: { containers: Record<string, unknown>[] } } }
    }
    return spec.template.spec.containers[0]!
  }

  it('are all valid as they are rendered', async () => {
    for (const profile of ['kzm', 'apache', 'embedded'] as const) {
      const builtIn = renderExample({ profile }).filter(({ kind }) => kind !== 'FlinkDeployment')
      expect(builtIn.length).toBeGreaterThan(6)
      expect(await findings(builtIn)).toEqual([])
    }
  })

  it('unknown fields, wrong types and missing ones are found', async () => {
    const misspelt = changed('Deployment', (object) => {
      container(object).imagePulPolicy = 'Always'
    })
    expect(await findings(misspelt)).toEqual([
      'spec.template.spec.containers[0]: unknown field "imagePulPolicy"',
    ])
    const number = changed('Deployment', (object) => {
      container(object).image = 7
    })
    expect((await findings(number)).join('\n')).toContain('containers[0].image: is no string')
    const nameless = changed('Deployment', (object) => {
      delete container(object).name
    })
    expect((await findings(nameless)).join('\n')).toMatch(/name/)
    const other = changed('HorizontalPodAutoscaler', (object) => {
      Object.assign(object, { apiVersion: 'autoscaling/v9' })
    })
    expect((await findings(other)).join('\n')).toContain(
      'there is no kind HorizontalPodAutoscaler in autoscaling/v9',
    )
  })
})
