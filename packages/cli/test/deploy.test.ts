import { join } from 'node:path'
import { type Controller, KINDS, MemoryCluster } from '@statefun/flink'
import { beforeEach, describe, expect, it } from 'vitest'
import { ROOT, runCli } from './run-cli.ts'

const EXAMPLE = join(ROOT, 'examples', 'counter')

let cluster: MemoryCluster
/** What the job does, by the image of its Flink. */
let jobOf: (image: string) => string

/** Plays the controllers of Kubernetes and the operator. */
const controllers: Controller = (_cluster, { type, object }) => {
  const generation = object.metadata?.generation ?? 0
  const seen = (object.status as { observedGeneration?: number } | undefined)?.observedGeneration
  if (type === 'DELETED' || seen === generation) return
  const status = { observedGeneration: generation }
  if (object.kind === 'Deployment') {
    const counts = { replicas: 1, updatedReplicas: 1, availableReplicas: 1 }
    cluster.put({ ...object, status: { ...status, ...counts } })
  } else if (object.kind === 'FlinkDeployment') {
    const { image, job } = object.spec as { image: string; job: { savepointTriggerNonce?: number } }
    const savepoint = { location: 's3://bucket/savepoint', triggerNonce: job.savepointTriggerNonce }
    cluster.put({
      ...object,
      status: {
        ...status,
        jobManagerDeploymentStatus: 'READY',
        reconciliationStatus: { state: 'DEPLOYED' },
        jobStatus: {
          jobId: 'f00',
          state: jobOf(image),
          ...(job.savepointTriggerNonce === undefined ? {} : { savepointInfo: { lastSavepoint: savepoint } }),
        },
      },
    })
  }
}

beforeEach(() => {
  cluster = new MemoryCluster('default')
  cluster.controllers.push(controllers)
  jobOf = () => 'RUNNING'
  cluster.put({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'flinkdeployments.flink.apache.org', namespace: '' },
  })
})

const run = (command: string, ...args: readonly string[]) => runWith('', command, ...args)
const runWith = (stdin: string, command: string, ...args: readonly string[]) =>
  runCli(['deploy', command, ...args], { cwd: EXAMPLE, stdin, openCluster: async () => cluster })

const image = async () =>
  ((await cluster.get(KINDS.flinkDeployment, 'counter', 'counter'))?.spec as { image: string } | undefined)
    ?.image

describe('statefun deploy', () => {
  it('applies, shows how it comes up, and then what there is', async () => {
    const applied = await run('apply')
    expect([applied.code, applied.stdout.split('\n')]).toEqual([
      0,
      expect.arrayContaining([
        'created    ConfigMap counter-module',
        'created    FlinkDeployment counter',
        'ready      FlinkDeployment counter: JobManager READY, job RUNNING',
      ]),
    ])
    const status = await run('status')
    expect(status.code).toBe(0)
    expect(status.stdout).toContain('job f00 RUNNING')
    expect(status.stdout).toMatch(/^FlinkDeployment +counter +yes +JobManager READY, job RUNNING$/m)
    expect(JSON.parse((await run('status', '--json')).stdout)).toMatchObject({
      ready: true,
      job: { id: 'f00' },
    })
  })

  it('speaks JSON', async () => {
    const { code, stdout } = await run('apply', '--json')
    expect(code).toBe(0)
    const { applied, ready } = JSON.parse(stdout)
    expect([applied.length, applied[0], ready]).toEqual([
      9,
      { kind: 'ServiceAccount', name: 'counter-flink', change: 'created' },
      true,
    ])
  })

  it('changes nothing in a dry run, and shows what it would change', async () => {
    const dry = await run('apply', '--dry-run')
    expect([dry.code, dry.stdout]).toEqual([
      0,
      expect.stringContaining('9 to create, 0 to change, 0 unchanged'),
    ])
    expect(cluster.applied).toEqual([])
    await run('apply')
    const same = await run('diff', '--exit-code')
    expect([same.code, same.stdout]).toEqual([0, '0 to create, 0 to change, 9 unchanged, 0 left over\n'])
    const other = await run('diff', '--exit-code', '--functions-image', 'counter-functions:2.0')
    expect(other.code).toBe(1)
    expect(other.stdout).toContain('change Deployment counter-functions\n')
    expect(other.stdout).toMatch(/^ {2}- +image: counter-functions:1\.0$/m)
    expect(other.stdout).toMatch(/^ {2}\+ +image: counter-functions:2\.0$/m)
  })

  it('deletes what is no longer asked for when told to', async () => {
    await run('apply')
    const { stdout } = await run('apply', '--profile', 'embedded', '--prune', '--no-wait')
    expect(stdout).toContain('deleted    FlinkDeployment counter')
    expect(stdout).toContain('deleted    Role counter-flink')
    expect(await image()).toBeUndefined()
  })

  it('does not begin without an operator', async () => {
    await cluster.delete(KINDS.crd, '', 'flinkdeployments.flink.apache.org')
    const { code, stderr } = await run('apply')
    expect([code, stderr]).toEqual([1, expect.stringContaining('SF_DEPLOY_NO_OPERATOR')])
    expect(cluster.applied).toEqual([])
  })

  it('ends with a report when it does not come up', async () => {
    jobOf = () => 'CREATED'
    const { code, stderr } = await run('apply', '--timeout', '100 ms')
    expect(code).toBe(1)
    expect(stderr).toContain('SF_DEPLOY_TIMEOUT')
    expect(stderr).toContain('FlinkDeployment counter: JobManager READY, job CREATED')
  })

  it('takes an upgrade back that does not run', async () => {
    await run('apply')
    jobOf = (name) => (name === 'broken' ? 'CREATED' : 'RUNNING')
    const broken = await run(
      'upgrade',
      '--flink-image',
      'broken',
      '--from',
      'savepoint',
      '--timeout',
      '100 ms',
    )
    expect(broken.code).toBe(1)
    expect(broken.stdout).toContain('going back to what was there before')
    expect(broken.stderr).toContain('SF_DEPLOY_ROLLED_BACK')
    expect(await image()).toBe('flink-statefun:1.0')
    expect((await run('upgrade', '--flink-image', 'better')).code).toBe(0)
    expect(await image()).toBe('better')
  })

  it('takes a savepoint', async () => {
    await run('apply')
    expect(await run('savepoint')).toMatchObject({ code: 0, stdout: 's3://bucket/savepoint\n' })
    expect(JSON.parse((await run('savepoint', '--json')).stdout)).toEqual({ path: 's3://bucket/savepoint' })
    jobOf = () => 'FAILED'
    expect((await run('savepoint', '--name', 'none')).stderr).toContain('SF_DEPLOY_NOT_FOUND')
  })

  it('shows logs', async () => {
    cluster.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'counter-1',
        namespace: 'counter',
        labels: { 'app.kubernetes.io/name': 'counter', component: 'jobmanager' },
      },
    })
    cluster.logLines.set('counter-1', ['first', 'second'])
    const { code, stdout } = await run('logs', 'jobmanager', '--tail', '1')
    expect([code, stdout]).toEqual([0, '[counter-1] second\n'])
    const none = await run('logs', 'taskmanager')
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('has no taskmanager pods')])
  })

  it('deletes when the name is typed, or without asking', async () => {
    await run('apply')
    const refused = await runWith('yes\n', 'delete')
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('SF_DEPLOY_NOT_CONFIRMED')])
    expect(await image()).toBeDefined()
    const { code, stdout } = await runWith('counter\n', 'delete', '--savepoint')
    expect(code).toBe(0)
    expect(stdout).toContain('savepoint s3://bucket/savepoint\n')
    expect(stdout).toContain('deleted FlinkDeployment counter\n')
    expect((await run('delete', '--yes')).stderr).toContain('there is nothing of counter')
    expect((await run('status')).stdout).toBe('there is nothing of counter in the namespace counter\n')
  })
})
