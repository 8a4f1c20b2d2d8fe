import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CliProcess, copyExample, makeWorkFolder, runCli } from './run-cli.ts'

let work: ReturnType<typeof makeWorkFolder>
let app: string
const running: CliProcess[] = []
beforeAll(() => {
  work = makeWorkFolder()
})
beforeEach(() => {
  app = copyExample('counter', work.path)
})
afterEach(async () => {
  for (const process of running.splice(0)) await process.stop()
})
afterAll(() => work.remove())

async function startDev(...args: string[]) {
  const dev = new CliProcess(['dev', '--admin-port', '0', ...args], app)
  running.push(dev)
  const admin = (await dev.waitFor(/admin: +(http:\S+)/))[1]!
  return { dev, admin }
}

async function cli(...args: string[]) {
  const outcome = await runCli(args, { cwd: app })
  expect(outcome.stderr).toBe('')
  return outcome.stdout
}

function send(admin: string, delta: number) {
  const json = JSON.stringify({ id: 'alice', delta })
  return cli('send', 'counter.commands', '-k', 'alice', '--json', json, '-H', 'trace=t1', '--admin', admin)
}

describe('statefun dev', () => {
  it('runs an app without a broker and shows what comes and goes', { timeout: 30_000 }, async () => {
    const { dev, admin } = await startDev('--fresh')
    expect(await send(admin, 5)).toBe('sent to counter.commands, partition 0, offset 0\n')
    await dev.waitFor(/-> counter\.commands {2}alice {2}\{"id":"alice","delta":"5"\} {2}\[trace=t1\]/)
    await dev.waitFor(/<- counter\.results {2}alice {2}\{"id":"alice","total":"5"\}/)
    expect(await cli('tail', 'counter.results', '-n', '1', '--admin', admin)).toBe(
      'counter.results/0@0 alice {"id":"alice","total":"5"} [trace=t1 processed-by=counter-fn]\n',
    )
    const json = JSON.parse(await cli('tail', 'counter.results', '--no-follow', '--json', '--admin', admin))
    expect(json).toMatchObject({ topic: 'counter.results', offset: 0, key: 'alice' })
    expect(await cli('state', 'get', 'counter.kafka/fn', 'alice', '--admin', admin)).toBe(
      'total = 5  (io.statefun.types/long)\n',
    )
    expect(await cli('state', 'ids', 'counter.kafka/fn', '--json', '--admin', admin)).toBe('["alice"]\n')
    expect(await cli('parked', '--admin', admin)).toBe('nothing is parked\n')
    expect(
      await runCli(['send', 'counter.comands', '-k', 'a', '-v', '', '--admin', admin], { cwd: app }),
    ).toMatchObject({
      code: 0,
      stdout: 'sent to counter.comands, partition 0, offset 0\n',
      stderr:
        'warning: there was no topic counter.comands so far, no function reads it; did you mean counter.commands?\n',
    })
    const misspelt = await runCli(['state', 'get', 'counter.kafak/fn', 'alice', '--admin', admin], {
      cwd: app,
    })
    expect(misspelt.stderr).toMatch(/SF_FUNCTION_UNKNOWN[\s\S]*nearest bound function is counter\.kafka\/fn/)
    expect(await dev.stop()).toBe(0)
  })

  it('runs an app on Kinesis without AWS', { timeout: 30_000 }, async () => {
    app = copyExample('kinesis-counter', work.path)
    const { dev, admin } = await startDev('--fresh', '--no-reload')
    expect(dev.output).toMatch(/topics: +kinesis:counter\.commands/)
    const json = JSON.stringify({ id: 'alice', delta: 5 })
    expect(
      await cli('send', 'kinesis:counter.commands', '-k', 'alice', '--json', json, '--admin', admin),
    ).toBe('sent to kinesis:counter.commands, partition 0, offset 0\n')
    await dev.waitFor(/-> kinesis:counter\.commands {2}alice {2}\{"id":"alice","delta":"5"\}/)
    await dev.waitFor(/<- kinesis:counter\.results {2}alice {2}\{"id":"alice","total":"5"\}/)
    expect(await cli('tail', 'kinesis:counter.results', '-n', '1', '--admin', admin)).toBe(
      'kinesis:counter.results/0@0 alice {"id":"alice","total":"5"}\n',
    )
    expect(await dev.stop()).toBe(0)
  })

  it('reloads changed code with its state, and again after a broken change', {
    timeout: 30_000,
  }, async () => {
    const { dev, admin } = await startDev('--fresh')
    await send(admin, 5)
    await dev.waitFor(/<- counter\.results/)
    const file = join(app, 'counter.ts')
    const source = readFileSync(file, 'utf8')

    let from = dev.output.length
    writeFileSync(file, `${source}\nthrow new Error('broken on purpose')\n`)
    await dev.waitFor(/counter\.ts:\d+:7: .*broken on purpose[\s\S]*not running; save a change/, from)

    from = dev.output.length
    writeFileSync(file, source.replace('?? 0n) + delta', '?? 0n) + delta * 100n'))
    await dev.waitFor(/changed: counter\.ts[\s\S]*reloaded; state kept/, from)
    await send(admin, 2)
    await dev.waitFor(/"total":"205"/, from)
  })

  it('leaves the topics of an app alone that another one runs', { timeout: 30_000 }, async () => {
    const first = await startDev('--fresh', '--no-reload')
    const second = new CliProcess(['dev', '--admin-port', '0', '--no-reload'], app)
    running.push(second)
    await second.waitFor(/SF_CHECKPOINT_LOCKED[\s\S]*another engine/)
    await send(first.admin, 1)
    await first.dev.waitFor(/"total":"1"/)
  })

  it('keeps state and topics for the next time, also after kill -9', { timeout: 30_000 }, async () => {
    const first = await startDev('--fresh', '--no-reload')
    await send(first.admin, 7)
    await first.dev.waitFor(/<- counter\.results/)
    first.dev.kill('SIGKILL')
    await first.dev.stop()
    const second = await startDev('--no-reload')
    await send(second.admin, 1)
    await second.dev.waitFor(/"total":"8"/)
    const records = await cli('tail', 'counter.commands', '--no-follow', '--admin', second.admin)
    expect(records.trim().split('\n')).toHaveLength(2)
  })
})
