import { containerEngine } from '@statefun/flink'
import { StatefunError } from '@statefun/protocol'
import { expect, test } from 'vitest'
import { type KindSurroundings, kindPreconditions } from './preconditions.ts'

const everything: KindSurroundings = {
  env: {},
  memoryBytes: 16 * 1024 ** 3,
  freeBytes: 50 * 1024 ** 3,
  findEngine: async () => containerEngine('docker'),
  run: async () => '',
}

const found = async (surroundings: KindSurroundings) =>
  (await kindPreconditions({ ...everything, ...surroundings })).map(({ code, hint }) => [code, hint])

test('a machine that has everything lacks nothing', async () => {
  expect(await found({})).toEqual([])
})

test('what is missing comes with how to get it, all at once', async () => {
  const lacks = await found({
    memoryBytes: 2 * 1024 ** 3,
    freeBytes: 1024 ** 3,
    findEngine: () =>
      Promise.reject(new StatefunError('SF_CONTAINER_ENGINE', 'none', { hint: 'install Docker' })),
    run: (program) => Promise.reject(new Error(`no ${program}`)),
  })
  expect(lacks).toEqual([
    ['SF_CONTAINER_ENGINE', 'install Docker'],
    ['SF_GATE_NO_PROGRAM', expect.stringContaining('kind.sigs.k8s.io')],
    ['SF_GATE_NO_PROGRAM', expect.stringMatching(/helm\.sh.*STATEFUN_OPERATOR_MANIFESTS/)],
    ['SF_GATE_MEMORY', expect.stringContaining('"process"')],
    ['SF_GATE_DISK_FULL', expect.stringContaining('docker image prune')],
  ])
})

test('with manifests of the operator Helm is not asked for', async () => {
  const run = (program: string) =>
    program === 'helm' ? Promise.reject(new Error('no helm')) : Promise.resolve('')
  expect(await found({ run, env: { STATEFUN_OPERATOR_MANIFESTS: './operator' } })).toEqual([])
})

test('an option that cannot be is named before anything is looked for', async () => {
  expect(await found({ env: { STATEFUN_FLINK_PROFILE: 'other' } })).toEqual([
    ['SF_GATE_KIND_OPTION', undefined],
  ])
})
