import { expect, test } from 'vitest'
import { kindOptions } from './kind-options.ts'

test('without any word it is the public world', () => {
  expect(kindOptions({})).toEqual({
    cluster: 'statefun-e2e',
    nodeImage: undefined,
    prefix: '',
    engine: undefined,
    profile: 'kzm',
    flinkImage: 'ghcr.io/kzmlabs/flink-statefun:latest',
    operatorVersion: '1.11.0',
    operatorManifests: undefined,
  })
})

test('the environment names another', () => {
  const options = kindOptions({
    STATEFUN_KIND_CLUSTER: 'mine',
    KIND_NODE_IMAGE: 'kindest/node:v1.32.2',
    IMAGE_REGISTRY_PREFIX: 'registry.example.com/proxy/',
    STATEFUN_CONTAINER_ENGINE: 'podman',
    STATEFUN_FLINK_PROFILE: 'apache',
    STATEFUN_FLINK_IMAGE: 'flink-statefun:local',
    STATEFUN_OPERATOR_VERSION: '1.15.0',
    STATEFUN_OPERATOR_MANIFESTS: './operator',
  })
  expect(options).toMatchObject({
    cluster: 'mine',
    engine: 'podman',
    profile: 'apache',
    flinkImage: 'flink-statefun:local',
    operatorManifests: './operator',
  })
})

test.each([
  [{ STATEFUN_FLINK_PROFILE: 'apach', STATEFUN_FLINK_IMAGE: 'a' }, 'SF_GATE_KIND_OPTION', /apache/],
  [{ STATEFUN_FLINK_PROFILE: 'apache' }, 'SF_GATE_KIND_OPTION', /statefun-flink-runner\.jar/],
  [{ STATEFUN_KIND_CLUSTER: 'Mine!' }, 'SF_GATE_KIND_OPTION', /lower-case/],
  [{ IMAGE_REGISTRY_PREFIX: 'registry.example.com' }, 'SF_IMAGE_PREFIX', /ends with "\/"/],
])('%j cannot be: %s', (env, code, hint) => {
  expect(() => kindOptions(env)).toThrow(expect.objectContaining({ code, hint: expect.stringMatching(hint) }))
})
