import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeWorkFolder, runCli } from './run-cli.ts'

const COMMANDS = [
  ...['init', 'dev', 'run', 'validate', 'deploy', 'send', 'tail', 'state', 'parked', 'redrive'],
  ...['checkpoint', 'savepoint'],
]
const BELOW = [
  ...['state get', 'state ids', 'savepoint create', 'savepoint restore'],
  ...['deploy render', 'deploy apply', 'deploy diff', 'deploy status', 'deploy logs', 'deploy savepoint'],
  ...['deploy upgrade', 'deploy delete'],
  ...['checkpoint list', 'checkpoint inspect', 'checkpoint verify', 'checkpoint export'],
]
let work: ReturnType<typeof makeWorkFolder>
beforeAll(() => {
  work = makeWorkFolder()
})
afterAll(() => work.remove())

describe('statefun', () => {
  it('shows its commands and exit codes', async () => {
    const { code, stdout } = await runCli(['--help'])
    expect(code).toBe(0)
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
    expect(stdout).toContain('Exit codes:')
    expect(stdout).not.toContain('dev-engine')
  })

  it.each([...COMMANDS, ...BELOW])('shows examples of %s', async (name) => {
    const { code, stdout } = await runCli([...name.split(' '), '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain(`Examples:\n  $ `)
    expect(stdout).toContain(`statefun ${name.split(' ')[0]}`)
  })

  it.each([
    [['sned'], 'unknown command', 'send'],
    [['send', 't', '--kye', 'k'], "unknown option '--kye'", '--key'],
    [['state', 'gte', 'a/b', 'c'], 'unknown command', 'get'],
    [['checkpoint', 'lsit'], 'unknown command', 'list'],
    [['savepoint', 'restore', 'a', '--to', 'b', '--ap', 'c'], "unknown option '--ap'", '--app'],
  ])('names the nearest for %s', async (args, problem, nearest) => {
    const { code, stderr, stdout } = await runCli(args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(problem)
    expect(stderr).toContain(`(Did you mean ${nearest}?)`)
  })

  it('answers a missing configuration with what to do and without a stack', async () => {
    const { code, stderr } = await runCli(['run'], { cwd: work.path })
    expect(code).toBe(2)
    expect(stderr).toContain('SF_CONFIG_MISSING')
    expect(stderr).toContain('hint: ')
    expect(stderr).not.toContain('    at ')
    expect((await runCli(['run', '--verbose'], { cwd: work.path })).stderr).toContain('    at ')
  })

  it.each([
    ['an unknown field', "{ app: 'a', functoins: [] }", 'did you mean "functions"?'],
    ['an unknown nested field', "{ app: 'a', admin: { prot: 1 } }", 'did you mean "admin.port"?'],
    ['a name that is no text', "{ app: 'a', admin: { names: [3] } }", 'list of host names'],
    ['a wrong port', "{ app: 'a', admin: { port: 70000 } }", 'whole number from 0 to 65535'],
    ['a wrong interval', "{ app: 'a', checkpoint: { interval: 'often' } }", 'such as "100 ms"'],
    ['an interval of nothing', "{ app: 'a', checkpoint: { interval: 0 } }", '"checkpoint.interval" of the'],
    [
      'a place that is none',
      "{ app: 'a', checkpoint: { place: 7 } }",
      '"checkpoint.place" of the configuration',
    ],
    ['no snapshots', "{ app: 'a', checkpoint: { retain: 0 } }", 'whole number from 1'],
    ['a wrong name', "{ app: 'a b' }", '"app" of the configuration'],
    ['something that is no function', "{ app: 'a', functions: [{}] }", 'functions[0]'],
    ['a format without fromJson', "{ app: 'a', topics: { t: { toJson() {} } } }", 'topics["t"]'],
  ])('refuses a configuration with %s', async (name, text, expected) => {
    const file = join(work.path, `${name.replaceAll(' ', '-')}.config.ts`)
    writeFileSync(file, `export const config = ${text}\n`)
    const { code, stderr } = await runCli(['run', '--config', file], { cwd: work.path })
    expect(code).toBe(2)
    expect(stderr).toContain(expected)
  })

  it('says what a configuration file lacks', async () => {
    writeFileSync(join(work.path, 'empty.config.ts'), 'export {}\n')
    writeFileSync(join(work.path, 'broken.config.ts'), "import 'not-installed'\n")
    writeFileSync(join(work.path, 'throws.config.ts'), "\nthrow new Error('on purpose')\n")
    const empty = await runCli(['run', '-c', 'empty.config.ts'], { cwd: work.path })
    expect(empty.stderr).toContain('exports no "config"')
    const broken = await runCli(['run', '-c', 'broken.config.ts'], { cwd: work.path })
    expect(broken.stderr).toContain('npm install')
    const throws = await runCli(['run', '-c', 'throws.config.ts'], { cwd: work.path })
    expect(throws.stderr).toContain('throws.config.ts:2:7: the app cannot be loaded: on purpose')
    expect([empty.code, broken.code, throws.code]).toEqual([2, 2, 2])
  })

  it('exits with 4 when no engine answers', async () => {
    const { code, stderr } = await runCli(['send', 't', '-v', 'x', '--admin', '127.0.0.1:1'], {
      cwd: work.path,
    })
    expect(code).toBe(4)
    expect(stderr).toContain('no engine answers at http://127.0.0.1:1')
  })

  it.each([
    [['send', 't'], 'there is no value'],
    [['send', 't', '-v', 'a', '-j', '1'], 'more than one value'],
    [['send', 't', '-j', '{'], '--json is not JSON'],
    [['send', 't', '-f', 'missing.bin'], 'cannot read "missing.bin"'],
    [['tail', 't', '--from', 'soon'], 'earliest, latest or an offset'],
    [['tail', 't', '--admin', 'http://['], '--admin cannot be "http://["'],
    [['tail', 't', '-n', '0'], 'whole number from 1'],
  ])('refuses %s', async (args, expected) => {
    const { code, stderr } = await runCli(args, { cwd: work.path })
    expect(code).toBe(2)
    expect(stderr).toContain(expected)
  })
})

describe('statefun validate', () => {
  const good = `kind: io.statefun.endpoints.v2/http
spec:
  functions: a/*
  urlPathTemplate: http://localhost/
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: a/in
  address: localhost:9092
  consumerGroupId: g
  startupPosition:
    type: earliest
  topics:
    - topic: t
      valueType: a/v
      targets:
        - a/f
`

  it('exits with 0 for a file without errors', async () => {
    writeFileSync(join(work.path, 'module.yaml'), good)
    const { code, stdout } = await runCli(['validate'], { cwd: work.path })
    expect([code, stdout]).toEqual([0, 'module.yaml: valid for embedded (0 errors, 0 warnings)\n'])
  })

  it('exits with 3 and shows line and caret for a wrong one', async () => {
    writeFileSync(join(work.path, 'wrong.yaml'), good.replace('type: earliest', 'type: sooner'))
    const { code, stdout } = await runCli(['validate', 'wrong.yaml'], { cwd: work.path })
    expect(code).toBe(3)
    expect(stdout).toContain('wrong.yaml:12:11')
    expect(stdout).toContain('^')
    expect(stdout).toContain('not valid for embedded (1 error,')
  })

  it('speaks JSON and knows what Flink refuses', async () => {
    writeFileSync(
      join(work.path, 'flink.yaml'),
      good.replace('localhost:9092', '$' + '{KAFKA:-localhost:9092}'),
    )
    const embedded = await runCli(['validate', 'flink.yaml', '--json'], { cwd: work.path })
    expect([embedded.code, JSON.parse(embedded.stdout)]).toMatchObject([0, { valid: true, problems: [] }])
    const flink = await runCli(['validate', 'flink.yaml', '--for', 'flink', '--json'], { cwd: work.path })
    expect(flink.code).toBe(3)
    expect(JSON.parse(flink.stdout)).toMatchObject({
      valid: false,
      problems: [{ severity: 'error', code: 'SF_MODULE_PLACEHOLDER' }],
    })
  })

  it('exits with 3 when there is no file', async () => {
    const { code, stderr } = await runCli(['validate', 'nowhere.yaml'], { cwd: work.path })
    expect(code).toBe(3)
    expect(stderr).toContain('SF_MODULE_NOT_FOUND')
  })
})
