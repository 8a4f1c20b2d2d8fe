import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CliProcess, copyExample, makeWorkFolder, runCli } from './run-cli.ts'

let work: ReturnType<typeof makeWorkFolder>
let app: string

beforeAll(async () => {
  work = makeWorkFolder('vitest', 'vite')
  await runCli(['init', 'my-shop'], { cwd: work.path })
  app = join(work.path, 'my-shop')
})
afterAll(async () => {
  // What a test that failed has kept.
  await e2e('--stop')
  work.remove()
}, 60_000)

/** Runs `statefun e2e` in the app, and tells what it exits with. */
async function e2e(
  ...args: readonly string[]
): Promise<{ code: number | null; output: string; last: string }> {
  const command = new CliProcess(['e2e', ...args], app)
  const code = await command.exit
  return { code, output: command.output, last: command.output.trimEnd().split('\n').at(-1) ?? '' }
}

/** Tells whether the process that holds the parts answers at its control server. */
function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  )
}

describe('statefun e2e', { timeout: 240_000 }, () => {
  it('runs the test of a new app in-process, keeps what it did, and leaves nothing running', async () => {
    const report = join(work.path, 'report')
    const junit = join(work.path, 'out', 'junit.xml')
    const run = await e2e('--topology', 'embedded', '--report', report, '--junit', junit)
    expect(run).toMatchObject({ code: 0, last: '1 passed, 0 failed' })
    expect(run.output).toMatch(/whoever comes is welcome/)
    for (const file of [
      'index.html',
      'report.json',
      'timeline.json',
      'logs/host.log',
      'logs/engine-my-shop.log',
    ])
      expect(existsSync(join(report, file)), file).toBe(true)
    expect(readFileSync(junit, 'utf8')).toContain('tests="1"')
  })

  it('tells a test that fails with what arrived, then runs just that one', async () => {
    writeFileSync(
      join(app, 'e2e', 'wrong.e2e.ts'),
      `import { test } from '@statefun/gate/test'
      test('good', { tags: ['state'] }, () => {})
      test('waits in vain', { tags: ['kafka'] }, async ({ kafka }) => {
        await kafka.send('greetings.in', { key: 'k', value: '{"name":"Bob"}' })
        await kafka.read('greetings.out')
        await kafka.read('greetings.out', { match: ({ key }) => key === 'other', timeout: 300 })
      })
      test('cannot be', { tags: ['headers'], meta: { needs: ['s3-checkpoints'] } }, () => {})\n`,
    )
    const run = await e2e('--topology', 'embedded', 'wrong')
    expect(run).toMatchObject({ code: 1, last: '1 passed, 1 failed' })
    expect(run.output).toContain('SF_GATE_NOT_THERE topic [greetings.out]: no record matched within 0.3 s')
    expect(run.output).toMatch(/key "k".*Welcome, Bob!/)
    expect(run.output).toContain('not applicable on the embedded engine: it has no checkpoints in S3')
    expect((await e2e('--topology', 'embedded', '--last-failed')).last).toBe('0 passed, 1 failed')
    expect((await e2e('--topology', 'embedded', '--tags', 'state or headers')).last).toBe(
      '1 passed, 0 failed',
    )
  })

  it('runs files side by side, and alone and last those that break parts', async () => {
    const folder = join(app, 'e2e', 'order')
    mkdirSync(folder, { recursive: true })
    const write = (name: string, test: string) =>
      writeFileSync(
        join(folder, `${name}.e2e.ts`),
        `import { expect, test } from '@statefun/gate/test'
        import { setTimeout as sleep } from 'node:timers/promises'
        ${test}\n`,
      )
    const meets = (own: string, other: string) =>
      `test('${own}', async ({ control }) => {
        await control.share('${own}', true)
        while ((await control.shared('${other}')) === undefined) await sleep(20)
      })`
    write('one', meets('one', 'two'))
    write('two', meets('two', 'one'))
    write(
      'alone',
      `test('alone', { tags: ['chaos'] }, async ({ control, faults }) => {
        expect([await control.shared('one'), await control.shared('two')]).toEqual([true, true])
        await faults.restart('worker')
      })
      test('not told', async ({ faults }) => {
        await faults.restart('worker')
      })`,
    )
    const run = await e2e('--topology', 'embedded', 'order')
    expect(run).toMatchObject({ code: 1, last: '3 passed, 1 failed' })
    expect(run.output).toMatch(/SF_GATE_FAULTS not told: a test that breaks parts has to run alone/)
    expect(run.output).toMatch(/give it the tag for that: \{ tags: \['chaos'\] \}/)
  })

  it('ends everything after SIGINT, and when it is killed', async () => {
    mkdirSync(join(app, 'e2e', 'slow'), { recursive: true })
    writeFileSync(
      join(app, 'e2e', 'slow', 'slow.e2e.ts'),
      `import { test } from '@statefun/gate/test'
      import { inject } from 'vitest'
      test('takes its time', async ({ control, kafka }) => {
        await control.note('in the middle of ' + inject('statefunDeployment').control.url)
        await kafka.read('nothing')
      })\n`,
    )
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGKILL', null],
    ] as const) {
      const run = new CliProcess(['e2e', '--topology', 'embedded', 'slow'], app)
      const [, url = ''] = await run.waitFor(/in the middle of (\S+)/, 0, 60_000)
      expect(await answers(url)).toBe(true)
      run.kill(signal)
      expect(await run.exit).toBe(code)
      await expect.poll(() => answers(url)).toBe(false)
      if (signal === 'SIGINT') expect(run.output).toMatch(/interrupted/)
    }
  })

  it('keeps it running when it should, until it is told to end it', async () => {
    const run = await e2e('--topology', 'embedded', '--keep', 'greeter')
    expect(run).toMatchObject({ code: 0, last: '1 passed, 0 failed' })
    expect(run.output).toMatch(/left running in process \d+ .*end it with: statefun e2e --stop/)
    const [kept = ''] = readdirSync(join(app, '.statefun', 'e2e', 'kept'))
    const { url, folder } = JSON.parse(readFileSync(join(app, '.statefun', 'e2e', 'kept', kept), 'utf8'))
    expect(await answers(url)).toBe(true)
    const log = join(folder, 'logs', 'engine-my-shop.log')
    appendFileSync(log, 'password=hunter2\n')
    const stop = await e2e('--stop')
    expect(stop.output).toMatch(/ended process \d+/)
    expect(await answers(url)).toBe(false)
    expect(readFileSync(log, 'utf8')).toContain('password=‹redacted›')
    expect(await e2e('--stop')).toMatchObject({ code: 2, last: expect.stringContaining('nothing was left') })
  })

  it.each([
    [['--topology', 'embeded'], 'Did you mean "embedded"?'],
    [['--topolgy', 'embedded'], 'Did you mean --topology?'],
    [['--engine', 'flnk'], 'Did you mean "flink"?'],
    [['--tags', 'kafka and not choas'], 'did you mean "chaos"?'],
    [['--exclude-tags', 'kafka and'], 'it ends where a tag is expected'],
    [['--topology', 'embedded', '--engine', 'flink'], 'use --topology process'],
    [['no-such-file'], 'no test is chosen'],
  ])('%j is refused with what to do', async (args, message) => {
    const { code, stderr } = await runCli(['e2e', ...args], { cwd: app })
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })

  it('runs the tests of the counter example, which the documentation quotes', async () => {
    const counter = copyExample('counter', work.path)
    const run = new CliProcess(['e2e', '--topology', 'embedded'], counter)
    expect(await run.exit, run.output).toBe(0)
    expect(run.output).toMatch(/\n3 passed, 0 failed\n$/)
  })

  it('says how to get Vitest where there is none', async () => {
    const bare = makeWorkFolder()
    try {
      await runCli(['init', 'bare'], { cwd: bare.path })
      const { code, stderr } = await runCli(['e2e'], { cwd: join(bare.path, 'bare') })
      expect([code, stderr]).toEqual([2, expect.stringContaining('npm install --save-dev vitest@5')])
    } finally {
      bare.remove()
    }
  })
})
