import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Child, type ChildOptions, startChild } from './child.ts'
import { waitUntilReady } from './wait-until-ready.ts'

let folder: string
const started: Child[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statefun-child-test-'))
})
afterEach(async () => {
  for (const child of started.splice(0)) await child.kill()
  rmSync(folder, { recursive: true, force: true })
})

async function startNode(script: string, options: Partial<ChildOptions> = {}): Promise<Child> {
  const child = await startChild({
    name: 'test child',
    command: process.execPath,
    args: ['-e', script],
    logPath: join(folder, 'logs', 'child.log'),
    ...options,
  })
  started.push(child)
  return child
}

const says = (child: Child, text: string) => async () => child.logTail().includes(text)

describe('a child', () => {
  test('writes both its outputs to the log and reports how it ended', async () => {
    const child = await startNode(
      "console.log('out'); console.error('err', process.env.EXTRA); process.exitCode = 3",
      {
        env: { EXTRA: 'more' },
      },
    )
    expect(await child.exited).toEqual({ code: 3, signal: null })
    expect(child.exit).toEqual({ code: 3, signal: null })
    expect(readFileSync(child.logPath, 'utf8').split('\n').sort()).toEqual(['', 'err more', 'out'])
  })

  test('is asked to end before it is made to', async () => {
    const polite = await startNode(
      "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1e6); console.log('ready')",
    )
    await waitUntilReady(polite, says(polite, 'ready'), { timeoutMs: 10_000 })
    expect(await polite.stop()).toEqual({ code: 7, signal: null })
  })

  test('is killed when it does not end in time', async () => {
    const stubborn = await startNode(
      "process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6); console.log('ready')",
    )
    await waitUntilReady(stubborn, says(stubborn, 'ready'), { timeoutMs: 10_000 })
    expect(await stubborn.stop(50)).toEqual({ code: null, signal: 'SIGKILL' })
    expect(await stubborn.stop()).toEqual({ code: null, signal: 'SIGKILL' })
  })

  test('that cannot be started at all is an error with the program', async () => {
    await expect(startNode('', { command: join(folder, 'missing') })).rejects.toMatchObject({
      code: 'SF_GATE_START_FAILED',
      message: expect.stringContaining('missing'),
    })
  })

  test.each(['SIGKILL', 'SIGTERM'])('dies with its parent on %s, and its folder goes', async (signal) => {
    const script = `
      import { startChild } from ${JSON.stringify(new URL('./child.ts', import.meta.url).href)}
      const child = await startChild({
        name: 'sleeper', command: 'sleep', args: ['1000'],
        logPath: ${JSON.stringify(join(folder, 'of-child', 'sleeper.log'))},
        removeWithParent: ${JSON.stringify(join(folder, 'of-child'))},
      })
      process.stdout.write(String(child.pid), () => process.kill(process.pid, '${signal}'))
      setInterval(() => {}, 1e6)`
    const parent = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(parent.signal).toBe(signal)
    await expect.poll(() => isAlive(Number(parent.stdout)), { timeout: 5_000 }).toBe(false)
    await expect.poll(() => existsSync(join(folder, 'of-child')), { timeout: 5_000 }).toBe(false)
  })

  test('takes the processes that it started with it when its parent dies', async () => {
    const logPath = join(folder, 'group.log')
    const script = `
      import { startChild } from ${JSON.stringify(new URL('./child.ts', import.meta.url).href)}
      const child = await startChild({
        name: 'family', command: 'sh', args: ['-c', 'sleep 1000 & echo $!; wait'],
        logPath: ${JSON.stringify(logPath)},
      })
      while (!/\\d/.test(child.logTail())) await new Promise((resolve) => setTimeout(resolve, 5))
      process.stdout.write(child.logTail(), () => process.kill(process.pid, 'SIGKILL'))
      setInterval(() => {}, 1e6)`
    const parent = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(Number(parent.stdout)).toBeGreaterThan(0)
    await expect.poll(() => isAlive(Number(parent.stdout)), { timeout: 5_000 }).toBe(false)
  })

  test('leaves its folder alone when it ends before its parent', async () => {
    const child = await startNode('', { removeWithParent: folder })
    await child.exited
    await sleep(200)
    expect(existsSync(folder)).toBe(true)
  })
})

describe('waiting until a child is ready', () => {
  test('ends with its log as soon as it has ended', async () => {
    const child = await startNode("console.error('no such setting: x'); process.exitCode = 1")
    const began = performance.now()
    await expect(waitUntilReady(child, async () => false, { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'SF_GATE_START_FAILED',
      message: 'test child ended before it was ready (exit code 1)',
      excerpt: 'no such setting: x',
      where: child.logPath,
    })
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  test('ends after the time-out with what the last check threw', async () => {
    const child = await startNode('setInterval(() => {}, 1e6)')
    const refused = new Error('connection refused')
    await expect(
      waitUntilReady(child, () => Promise.reject(refused), { timeoutMs: 50, intervalMs: 5 }),
    ).rejects.toMatchObject({ code: 'SF_GATE_START_TIMEOUT', cause: refused })
  })
})

function isAlive(pid: number): boolean {
  // An orphan that nobody has collected yet still has a pid: ps tells it as a zombie.
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}
