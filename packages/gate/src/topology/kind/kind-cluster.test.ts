import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { ContainerEngine } from '@statefun/flink'
import { expect, onTestFinished, test, vi } from 'vitest'
import { NODE_PORTS } from './cluster-config.ts'
import { openCluster } from './kind-cluster.ts'
import { kindOptions } from './kind-options.ts'

const PORTS = NODE_PORTS.map((port) => `${port}/tcp -> 127.0.0.1:${port}`).join('\n')
const CLUSTER = 'statefun-test-of-no-machine'

/** A cluster of that name that is there before the run: its node has these ports and mounts. */
async function openWith(ports: string, mounts: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'statefun-kind-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  onTestFinished(() => void vi.unstubAllEnvs())
  const kind = join(folder, 'kind')
  writeFileSync(kind, `#!/bin/sh\n[ "$1 $2" != 'get clusters' ] || echo ${CLUSTER}\n`)
  chmodSync(kind, 0o755)
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`)
  const engine: ContainerEngine = {
    name: 'docker',
    run: async ([command]) => (command === 'port' ? ports : mounts),
  }
  const options = { ...kindOptions({}), cluster: CLUSTER }
  const signal = new AbortController().signal
  await openCluster(engine, options, { folder, progress: () => undefined, signal })
}

test.each([
  ['was not made by the gate', '', '/statefun/images\n', 'is not one of the gate'],
  ['was made by an older gate', PORTS, '/kind/patches\n/var\n', 'was made by an older version of the gate'],
])('a cluster that %s is refused, with how to be rid of it', async (_what, ports, mounts, why) => {
  await expect(openWith(ports, mounts)).rejects.toMatchObject({
    code: 'SF_GATE_KIND_FOREIGN',
    message: `the cluster "${CLUSTER}" ${why}`,
    hint: expect.stringContaining(`kind delete cluster --name ${CLUSTER}`),
  })
})
