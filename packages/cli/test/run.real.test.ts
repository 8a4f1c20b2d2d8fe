import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { CliProcess, copyExample, makeWorkFolder, runCli } from './run-cli.ts'

const kafka = inject('kafkaBootstrap')
const run = randomUUID().slice(0, 8)
const commands = `counter.commands.${run}`
const results = `counter.results.${run}`
let work: ReturnType<typeof makeWorkFolder>
let app: string
const running: CliProcess[] = []

beforeAll(() => {
  work = makeWorkFolder()
  app = copyExample('counter', work.path)
  // Topics of this run's own: the broker is shared.
  for (const file of ['module.yaml', 'statefun.config.ts', 'counter.ts']) {
    const path = join(app, file)
    const text = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      text
        .replaceAll(/counter\.commands(?!\.ttl)/g, commands)
        .replaceAll(/counter\.results(?!\.ttl)/g, results),
    )
  }
})
afterEach(async () => {
  for (const process of running.splice(0)) await process.stop()
})
afterAll(() => work.remove())

async function startRun() {
  const process = new CliProcess(['run', '--admin-port', '0', '--log', 'json'], app, {
    KAFKA_BOOTSTRAP: kafka,
  })
  running.push(process)
  const [line] = await process.waitFor(/^\{.*"msg":"running".*$/m)
  return { process, admin: (JSON.parse(line) as { admin: string }).admin }
}

async function cli(...args: string[]) {
  const outcome = await runCli(args, { cwd: app })
  expect(outcome.stderr).toBe('')
  expect(outcome.code).toBe(0)
  return outcome.stdout
}

const add = (delta: number) =>
  cli(
    'send',
    commands,
    '-k',
    'alice',
    '--json',
    JSON.stringify({ id: 'alice', delta }),
    '-H',
    'a=1',
    '-H',
    'a=2',
    '-H',
    'null',
    '--kafka',
    kafka,
  )
const totals = async (count: number) => {
  const lines = await cli('tail', results, '-n', String(count), '--kafka', kafka)
  return lines.trim().split('\n')
}

describe('statefun run', () => {
  it('runs on Kafka, stops in order on SIGTERM and goes on after kill -9', async () => {
    const first = await startRun()
    expect(await add(5)).toMatch(/^sent to counter\.commands\.\w+, partition 0, offset 0\n$/)
    expect(await totals(1)).toEqual([
      `${results}/0@0 alice {"id":"alice","total":"5"} [a=1 a=2 null=null processed-by=counter-fn]`,
    ])
    first.process.kill('SIGTERM')
    expect(await first.process.stop()).toBe(0)
    expect(first.process.output).toContain('"msg":"stopped"')

    const second = await startRun()
    expect(await cli('state', 'get', 'counter.kafka/fn', 'alice', '--admin', second.admin)).toContain(
      'total = 5 ',
    )
    const misled = await runCli(['send', commands, '-v', 'x', '--admin', second.admin], { cwd: app })
    expect([misled.code, misled.stderr]).toEqual([2, expect.stringContaining('--kafka')])
    await add(1)
    expect((await totals(2))[1]).toContain('"total":"6"')
    second.process.kill('SIGKILL')
    await second.process.stop()

    await add(1)
    const third = await startRun()
    expect(
      (await cli('tail', results, '--from', '2', '-n', '2', '--kafka', kafka)).includes('"total":"7"'),
    ).toBe(true)
    expect(await cli('state', 'get', 'counter.kafka/fn', 'alice', '--admin', third.admin)).toContain(
      'total = 7 ',
    )
  })

  it('reads from the end, from an offset, and to what is there', async () => {
    const all = (await cli('tail', commands, '--no-follow', '--json', '--kafka', kafka)).trim().split('\n')
    expect(all).toHaveLength(3)
    expect(JSON.parse(all[0]!)).toMatchObject({
      key: 'alice',
      headers: [
        { key: 'a', value: '1' },
        { key: 'a', value: '2' },
        { key: 'null', value: null },
      ],
    })
    expect(await cli('tail', commands, '--from', '2', '--no-follow', '--json', '--kafka', kafka)).toBe(
      `${all[2]}\n`,
    )
    expect(await cli('tail', commands, '--from', 'latest', '--no-follow', '--kafka', kafka)).toBe('')
  })

  it('exits with 4 when no broker answers', async () => {
    const { code, stderr } = await runCli(['send', 't', '-k', 'k', '-v', 'v', '--kafka', '127.0.0.1:1'], {
      cwd: app,
    })
    expect(stderr).toContain('no Kafka broker answers at 127.0.0.1:1')
    expect(code).toBe(4)
  })
})
