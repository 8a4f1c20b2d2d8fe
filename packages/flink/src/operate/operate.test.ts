import { StatefunError } from '@statefun/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { deploymentsReady, operator } from '../../test/controllers.ts'
import { deploymentOf } from '../../test/samples.ts'
import { MemoryCluster } from '../cluster/memory-cluster.ts'
import { KINDS } from '../cluster/resource-kind.ts'
import type { DeployConfig } from '../deploy/deploy-config.ts'
import { manifestsOf } from '../render/manifests-of.ts'
import { applyManifests, checkCluster, generationsOf } from './apply-manifests.ts'
import { deleteDeployment, objectsOf } from './delete-deployment.ts'
import { deploymentStatus } from './deployment-status.ts'
import { diffManifests } from './diff-manifests.ts'
import { showLogs } from './follow-logs.ts'
import { takeSavepoint } from './take-savepoint.ts'
import { upgradeDeployment, withUpgradeMode } from './upgrade-deployment.ts'
import { type Progress, waitUntilReady } from './wait-until-ready.ts'

const TARGET = { name: 'shop', namespace: 'default' }
const NAMED = { 'app.kubernetes.io/name': 'shop' }
const LONG = { timeoutMs: 20_000, graceMs: 0 }
const flink = (image: string): DeployConfig => ({ flink: { image } })

let cluster: MemoryCluster
beforeEach(() => {
  cluster = new MemoryCluster()
})

async function apply(changes: DeployConfig = {}) {
  const deployment = deploymentOf(changes)
  const manifests = manifestsOf(deployment)
  const applied = await applyManifests(cluster, manifests)
  return { deployment, manifests, generations: generationsOf(applied) }
}

async function failureOf(run: Promise<unknown>): Promise<StatefunError> {
  try {
    await run
  } catch (error) {
    return StatefunError.from(error)
  }
  throw new Error('it did not fail')
}

const imageOf = async () =>
  ((await cluster.get(KINDS.flinkDeployment, 'default', 'shop'))?.spec as { image: string } | undefined)
    ?.image

describe('apply', () => {
  it('says what it did, and does nothing the second time', async () => {
    const manifests = manifestsOf(deploymentOf())
    const first = await applyManifests(cluster, manifests)
    expect(new Set(first.map(({ change }) => change))).toEqual(new Set(['created']))
    const kinds = cluster.applied.map((text) => text.split('/')[0])
    expect(kinds).toEqual(manifests.map(({ kind }) => kind))
  })

  it('waits until functions and job run, and says what it waits for', async () => {
    const { deployment, manifests, generations } = await apply()
    const told: Progress[][] = []
    const waiting = waitUntilReady(cluster, deployment, manifests, {
      ...LONG,
      generations,
      onProgress: (progress) => told.push([...progress]),
    })
    await expect.poll(() => told.length).toBeGreaterThan(0)
    cluster.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'shop-functions-1',
        namespace: 'default',
        labels: { 'app.kubernetes.io/name': 'shop' },
      },
      status: {
        phase: 'Pending',
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no node has room' },
        ],
      },
    })
    await expect
      .poll(() => told.at(-1)?.[0]?.pending)
      .toEqual(['shop-functions-1: Unschedulable: no node has room'])
    cluster.controllers.push(deploymentsReady, operator())
    for (const kind of [KINDS.deployment, KINDS.flinkDeployment]) {
      for (const object of await cluster.list(kind, 'default')) cluster.put(object)
    }
    await waiting
    expect(told[0]?.map(({ state }) => state)).toEqual(['applied', 'applied'])
    expect(told.at(-1)?.map(({ what, state }) => `${what}: ${state}`)).toEqual([
      'Deployment shop-functions: 2 of 2 pods ready',
      'FlinkDeployment shop: JobManager READY, job RUNNING',
    ])
  })

  it('does not take the state of what was there before for that of what was applied', async () => {
    cluster.controllers.push(deploymentsReady, operator())
    await apply(flink('old'))
    cluster.controllers.pop()
    const { deployment, manifests, generations } = await apply(flink('new'))
    const error = await failureOf(
      waitUntilReady(cluster, deployment, manifests, { timeoutMs: 50, generations }),
    )
    expect(error.code).toBe('SF_DEPLOY_TIMEOUT')
    expect(error.excerpt).toContain('job RUNNING, the change is not taken up yet')
  })

  it('ends with reasons, events and the log when a pod cannot become ready', async () => {
    const { deployment, manifests } = await apply()
    cluster.setStatus(KINDS.deployment, 'shop-functions', { observedGeneration: 1 })
    const metadata = {
      name: 'shop-functions-1',
      namespace: 'default',
      labels: { 'app.kubernetes.io/name': 'shop' },
    }
    cluster.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      status: {
        containerStatuses: [
          {
            name: 'functions',
            restartCount: 4,
            ready: false,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 1 } },
          },
        ],
      },
    })
    cluster.put({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace: 'default' },
      ...{
        type: 'Warning',
        reason: 'BackOff',
        message: 'Back-off restarting',
        count: 7,
        involvedObject: { kind: 'Pod', name: metadata.name },
      },
    })
    cluster.logLines.set(`${metadata.name}/previous`, ['starting', 'Error: planted'])
    const error = await failureOf(waitUntilReady(cluster, deployment, manifests, LONG))
    expect([error.code, error.message]).toEqual([
      'SF_DEPLOY_FAILED',
      'pod shop-functions-1: container functions ended with exit code 1, 4 restarts',
    ])
    expect(error.excerpt?.split('\n')).toEqual([
      'Deployment shop-functions: 0 of 2 pods ready',
      '  shop-functions-1: container functions ended with exit code 1, 4 restarts',
      'FlinkDeployment shop: not seen by the operator yet',
      'events:',
      '  Pod shop-functions-1: BackOff: Back-off restarting (7 times)',
      'end of the log of shop-functions-1:',
      '  starting',
      '  Error: planted',
    ])
  })

  it('stops when it is interrupted', async () => {
    const { deployment, manifests } = await apply()
    const signal = AbortSignal.abort()
    const error = await failureOf(waitUntilReady(cluster, deployment, manifests, { ...LONG, signal }))
    expect(error.code).toBe('SF_DEPLOY_INTERRUPTED')
  })
})

describe('a cluster', () => {
  const crd = (versions: readonly string[]) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'flinkdeployments.flink.apache.org', namespace: '' },
    spec: {
      versions: [
        {
          schema: {
            openAPIV3Schema: { properties: { spec: { properties: { flinkVersion: { enum: versions } } } } },
          },
        },
      ],
    },
  })

  it('needs an operator that knows the Flink', async () => {
    expect((await failureOf(checkCluster(cluster, deploymentOf()))).code).toBe('SF_DEPLOY_NO_OPERATOR')
    cluster.put(crd(['v1_20', 'v2_0']))
    const error = await failureOf(checkCluster(cluster, deploymentOf()))
    expect([error.code, error.message]).toEqual([
      'SF_DEPLOY_OPERATOR',
      'the operator in the cluster knows Flink up to v2_0, not v2_2',
    ])
    cluster.put(crd(['v2_0', 'v2_1', 'v2_2']))
    await checkCluster(cluster, deploymentOf())
    await checkCluster(new MemoryCluster(), deploymentOf({ profile: 'embedded' }))
  })

  it('needs the Secrets that are named', async () => {
    const deployment = deploymentOf({
      profile: 'embedded',
      storage: { checkpoints: 's3://bucket/shop', credentials: { secret: 's3' } },
    })
    const error = await failureOf(checkCluster(cluster, deployment))
    expect([error.code, error.message]).toEqual([
      'SF_DEPLOY_NO_SECRET',
      'there is no Secret s3 in the namespace default',
    ])
    cluster.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's3', namespace: 'default' } })
    await checkCluster(cluster, deployment)
  })
})

describe('diff', () => {
  it('shows what would be made, changed and left over', async () => {
    const before = deploymentOf({ functions: { image: 'shop/functions:1', autoscaling: { min: 1, max: 2 } } })
    const created = await diffManifests(cluster, before, manifestsOf(before))
    expect(new Set(created.map(({ change }) => change))).toEqual(new Set(['create']))
    expect(cluster.applied).toEqual([])
    await applyManifests(cluster, manifestsOf(before))
    const after = deploymentOf({ functions: { image: 'shop/functions:2', replicas: 1 } })
    const diffs = await diffManifests(cluster, after, manifestsOf(after))
    const byChange = (change: string) =>
      diffs.filter((diff) => diff.change === change).map(({ what }) => what)
    expect(byChange('change')).toEqual(['Deployment shop-functions'])
    expect(byChange('left over')).toEqual(['HorizontalPodAutoscaler shop-functions'])
    const { lines } = diffs.find(({ change }) => change === 'change')!
    expect(lines.filter((line) => /^[+-]/.test(line)).map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      '- image: shop/functions:1',
      '+ image: shop/functions:2',
      '+ replicas: 1',
    ])
  })

  it('does not show what a Secret holds', async () => {
    const deployment = deploymentOf({ moduleAs: 'Secret' })
    const diffs = await diffManifests(cluster, deployment, manifestsOf(deployment))
    const secret = diffs.find(({ what }) => what === 'Secret shop-module')
    expect(secret?.lines.join('\n')).toContain('module.yaml: (hidden)')
  })
})

describe('upgrade', () => {
  it('runs what is new', async () => {
    cluster.controllers.push(deploymentsReady, operator())
    await apply(flink('old'))
    const deployment = deploymentOf(flink('new'))
    await upgradeDeployment(cluster, deployment, withUpgradeMode(manifestsOf(deployment), 'savepoint'), LONG)
    expect(await imageOf()).toBe('new')
    const object = await cluster.get(KINDS.flinkDeployment, 'default', 'shop')
    expect(object?.spec).toMatchObject({ job: { upgradeMode: 'savepoint' } })
  })

  it.each([
    ['fails', 'FAILED', 'FlinkDeployment shop: the job is FAILED', 20_000],
    ['does not run in time', 'CREATED', 'FlinkDeployment shop was not ready within 0 s', 200],
  ] as const)('goes back when the new job %s', async (_what, state, message, timeoutMs) => {
    cluster.controllers.push(
      deploymentsReady,
      operator((image) => (image === 'broken' ? state : 'RUNNING')),
    )
    await apply(flink('good'))
    const deployment = deploymentOf({ ...flink('broken'), functions: { image: 'shop/functions:2' } })
    const told: string[] = []
    const error = await failureOf(
      upgradeDeployment(cluster, deployment, manifestsOf(deployment), {
        timeoutMs,
        graceMs: 0,
        onRollback: (reason) => told.push(reason.message),
      }),
    )
    expect([error.code, error.message]).toEqual([
      'SF_DEPLOY_ROLLED_BACK',
      `the upgrade failed and was taken back: ${message}`,
    ])
    expect(told).toEqual([message])
    expect(await imageOf()).toBe('good')
    const functions = await cluster.get(KINDS.deployment, 'default', 'shop-functions')
    expect(JSON.stringify(functions?.spec)).toContain('"shop/functions:1"')
    expect((await deploymentStatus(cluster, TARGET)).ready).toBe(true)
  })

  it('does not take a pod of the failed version for one of the former', async () => {
    cluster.controllers.push(deploymentsReady, operator())
    await apply(flink('good'))
    const pod = { name: 'shop-1', namespace: 'default', labels: { ...NAMED, component: 'jobmanager' } }
    const waiting = { reason: 'ErrImageNeverPull' }
    cluster.controllers.splice(0, 2, deploymentsReady, (_cluster, { type, object }) => {
      if (object.kind !== 'FlinkDeployment' || type === 'DELETED') return
      const generation = object.metadata?.generation ?? 0
      const seen = (object.status as { observedGeneration?: number }).observedGeneration
      if (seen === generation) return
      const broken = (object.spec as { image: string }).image === 'broken'
      const status = { observedGeneration: generation, reconciliationStatus: { state: 'DEPLOYED' } }
      if (broken) {
        const containerStatuses = [{ name: 'c', image: 'broken', state: { waiting } }]
        cluster.put({ apiVersion: 'v1', kind: 'Pod', metadata: pod, status: { containerStatuses } })
      }
      cluster.setStatus(KINDS.flinkDeployment, 'shop', { ...status, jobManagerDeploymentStatus: 'DEPLOYING' })
      if (broken) return
      // The pod is still there for some looks at the former version that has been taken up.
      setTimeout(() => {
        const running = { jobManagerDeploymentStatus: 'READY', jobStatus: { state: 'RUNNING' } }
        cluster.setStatus(KINDS.flinkDeployment, 'shop', { ...status, ...running })
      }, 100)
    })
    const deployment = deploymentOf(flink('broken'))
    const error = await failureOf(upgradeDeployment(cluster, deployment, manifestsOf(deployment), LONG))
    expect([error.code, error.message]).toEqual([
      'SF_DEPLOY_ROLLED_BACK',
      'the upgrade failed and was taken back: pod shop-1: ErrImageNeverPull: image broken',
    ])
  })

  it('says when the former version does not run either', async () => {
    cluster.controllers.push(deploymentsReady, operator())
    await apply(flink('good'))
    cluster.controllers.splice(
      0,
      2,
      deploymentsReady,
      operator(() => 'FAILED'),
    )
    const deployment = deploymentOf(flink('broken'))
    const error = await failureOf(upgradeDeployment(cluster, deployment, manifestsOf(deployment), LONG))
    expect(error.code).toBe('SF_DEPLOY_ROLLBACK_FAILED')
    expect(await imageOf()).toBe('good')
  })

  it('leaves it when told to', async () => {
    cluster.controllers.push(
      deploymentsReady,
      operator((image) => (image === 'broken' ? 'FAILED' : 'RUNNING')),
    )
    await apply(flink('good'))
    const deployment = deploymentOf(flink('broken'))
    const options = { ...LONG, keepFailed: true }
    const error = await failureOf(upgradeDeployment(cluster, deployment, manifestsOf(deployment), options))
    expect(error.code).toBe('SF_DEPLOY_FAILED')
    expect(await imageOf()).toBe('broken')
  })
})

describe('savepoint', () => {
  it.each([
    ['the status of the deployment', false, /^s3:\/\/bucket\/savepoint-\d+$/],
    ['a snapshot of its own', true, /^s3:\/\/bucket\/snapshot-\d+$/],
  ])('is found in %s', async (_where, snapshots, path) => {
    cluster.controllers.push(
      deploymentsReady,
      operator(() => 'RUNNING', { snapshots }),
    )
    await apply()
    const first = await takeSavepoint(cluster, TARGET, LONG)
    expect(first).toMatch(path)
    expect(cluster.applied.at(-1)).toBe('FlinkDeployment/shop by statefun-savepoint')
    await new Promise((resolve) => setTimeout(resolve, 2))
    const second = await takeSavepoint(cluster, TARGET, LONG)
    expect(second).toMatch(path)
    expect(second).not.toBe(first)
    expect((await deploymentStatus(cluster, TARGET)).job?.savepoint).toBeDefined()
  })

  it('needs a job that runs', async () => {
    expect((await failureOf(takeSavepoint(cluster, TARGET, LONG))).code).toBe('SF_DEPLOY_NOT_FOUND')
    await apply()
    expect((await failureOf(takeSavepoint(cluster, TARGET, LONG))).code).toBe('SF_DEPLOY_NOT_RUNNING')
  })

  it('gives up in time', async () => {
    cluster.controllers.push(operator())
    await apply()
    cluster.controllers.pop()
    expect((await failureOf(takeSavepoint(cluster, TARGET, { timeoutMs: 50 }))).code).toBe(
      'SF_DEPLOY_TIMEOUT',
    )
  })
})

describe('logs', () => {
  const pod = (name: string, component: string, phase = 'Running') => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      labels: { 'app.kubernetes.io/name': 'shop', component },
    },
    status: { phase },
  })

  it('are those of one part, or of all', async () => {
    for (const name of ['jm', 'tm']) cluster.logLines.set(name, [`${name} 1`, `${name} 2`])
    cluster.put(pod('jm', 'jobmanager'))
    cluster.put(pod('tm', 'taskmanager'))
    const read = async (options: object) => {
      const lines: string[] = []
      const { signal } = new AbortController()
      await showLogs(cluster, TARGET, {
        ...options,
        signal,
        onLine: (name, line) => lines.push(`${name}: ${line}`),
      })
      return lines
    }
    expect(await read({ component: 'taskmanager' })).toEqual(['tm: tm 1', 'tm: tm 2'])
    expect(await read({ tail: 1 })).toEqual(['jm: jm 2', 'tm: tm 2'])
  })

  it('go on with pods that come later', async () => {
    const stop = new AbortController()
    const lines: string[] = []
    cluster.logLines.set('jm', ['one'])
    cluster.put(pod('jm', 'jobmanager', 'Pending'))
    const following = showLogs(cluster, TARGET, {
      follow: true,
      signal: stop.signal,
      onLine: (_name, line) => lines.push(line),
    })
    cluster.put(pod('jm', 'jobmanager'))
    await expect.poll(() => lines).toEqual(['one'])
    cluster.logLines.set('tm', ['two'])
    cluster.put(pod('tm', 'taskmanager'))
    await expect.poll(() => lines).toEqual(['one', 'two'])
    stop.abort()
    expect(await following).toBe(2)
  })
})

describe('delete', () => {
  it('takes away what was applied, the job first, and nothing else', async () => {
    cluster.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace: 'default' } })
    await apply({ functions: { image: 'f', autoscaling: { min: 1, max: 2 } } })
    const deleted: string[] = []
    await deleteDeployment(cluster, 'default', await objectsOf(cluster, TARGET), {
      ...LONG,
      onDeleted: (what) => deleted.push(what),
    })
    expect(deleted.length).toBe(9)
    expect(deleted[0]).toBe('FlinkDeployment shop')
    expect(deleted.at(-1)).toBe('ServiceAccount shop-flink')
    expect(await objectsOf(cluster, TARGET)).toEqual([])
    expect(await cluster.get(KINDS.configMap, 'default', 'other')).toBeDefined()
  })
})
