import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT, runCli } from './run-cli.ts'

const EXAMPLE = join(ROOT, 'examples', 'counter')
const PROFILES = ['kzm', 'apache', 'embedded'] as const

let work: string
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'statefun-deploy-'))
})
afterAll(() => rmSync(work, { recursive: true }))

const render = (...args: readonly string[]) => runCli(['deploy', 'render', ...args], { cwd: EXAMPLE })

describe('statefun deploy render', () => {
  it.each(PROFILES)('gives the manifests of the example for %s as they are kept', async (profile) => {
    const { code, stdout } = await render('--profile', profile)
    expect(code).toBe(0)
    await expect(stdout).toMatchFileSnapshot(join(EXAMPLE, 'kubernetes', `${profile}.yaml`))
  })

  it('warns on standard error, with the place', async () => {
    const { code, stderr } = await render('--profile', 'apache')
    expect(code).toBe(0)
    expect(stderr).toContain(
      'SF_MODULE_FLINK_IGNORES module.yaml:25:3: Apache StateFun ignores forwardHeaders',
    )
    expect((await render('--profile', 'apache', '--strict')).code).toBe(3)
  })

  it('writes a folder for kustomize, and takes away what was there before', async () => {
    const folder = join(work, 'manifests')
    expect((await render('-o', folder)).code).toBe(0)
    expect(readdirSync(folder)).toContain('flink-deployment-counter.yaml')
    expect((await render('-o', folder, '--profile', 'embedded')).code).toBe(0)
    const names = readdirSync(folder)
    expect(names).not.toContain('flink-deployment-counter.yaml')
    const kustomization = readFileSync(join(folder, 'kustomization.yaml'), 'utf8')
    for (const name of names)
      if (name !== 'kustomization.yaml') expect(kustomization).toContain(`- ${name}\n`)
    writeFileSync(join(work, 'mine.txt'), 'x')
    const { code, stderr } = await render('-o', work)
    expect([code, stderr]).toEqual([2, expect.stringContaining('SF_CLI_OUTPUT')])
  })

  it('takes flags over the configuration', async () => {
    const { stdout } = await render(
      ...['--name', 'other', '-n', 'staging', '--functions-image', 'fn:2', '--flink-image', 'flink:2'],
      ...['--image-registry-prefix', 'registry.example.com/proxy/', '--operator-version', '1.11'],
      ...['--parallelism', '7', '--checkpoints', 's3://elsewhere/x', '--s3-secret', 'keys'],
      ...['-F', 'taskmanager.numberOfTaskSlots=7', '-e', 'KAFKA_BOOTSTRAP=broker:9092'],
    )
    expect(stdout).toContain('name: other\n  namespace: staging')
    expect(stdout).toContain('image: registry.example.com/proxy/fn:2')
    expect(stdout).toContain('image: registry.example.com/proxy/flink:2')
    expect(stdout).toContain('flinkVersion: v2_0')
    expect(stdout).toContain('parallelism: 7')
    expect(stdout).toContain('s3://elsewhere/x/checkpoints')
    expect(stdout).toContain('taskmanager.numberOfTaskSlots: "7"')
    expect(stdout).toContain('address: "broker:9092"')
    expect(stdout).not.toContain('$' + '{')
    expect(stdout).not.toContain('role-arn')
  })

  it('needs no configuration when the flags say everything', async () => {
    const args = [
      '--name',
      'shop',
      '--module',
      join(EXAMPLE, 'module.yaml'),
      '--functions-image',
      'f',
      '--flink-image',
      'g',
    ]
    const { code, stdout } = await runCli(
      ['deploy', 'render', ...args, '--checkpoints', 's3://bucket/shop'],
      { cwd: work },
    )
    expect(code).toBe(0)
    expect(stdout).toContain('kind: FlinkDeployment')
    expect((await runCli(['deploy', 'render'], { cwd: work })).stderr).toContain('SF_CONFIG_MISSING')
  })

  it('renders nothing when Flink would ignore or refuse something', async () => {
    const ignored = await render('-F', 'state.backend=rocksdb')
    expect([ignored.code, ignored.stdout]).toEqual([2, ''])
    expect(ignored.stderr).toContain('SF_DEPLOY_FLINK_KEY_IGNORED')
    expect(ignored.stderr).toContain('hint: write "state.backend.type"')
    expect(ignored.stderr).toContain('nothing was done: 1 problem to mend first')
    const module = join(work, 'exactly-once.yaml')
    const text = readFileSync(join(EXAMPLE, 'module.yaml'), 'utf8')
    writeFileSync(
      module,
      text.replace('type: at-least-once', 'type: exactly-once\n    transactionTimeout: 1 min'),
    )
    const refused = await render('--module', module)
    expect([refused.code, refused.stdout]).toEqual([3, ''])
    expect(refused.stderr).toContain('SF_MODULE_FLINK_REFUSES')
    const missing = await render('--operator-version', '1.10')
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('SF_DEPLOY_OPERATOR')])
  })
})
