import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bundleEngine, bundleServer } from './bundle-server.ts'

const COUNTER = join(import.meta.dirname, '../../../../examples/counter/statefun.config.ts')

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'statefun-bundle-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('a bundle serves alone: it answers the probe, and drains on SIGTERM', async () => {
  const { code, map } = await bundleServer(COUNTER)
  expect(code).not.toMatch(/^import .* from ["'](?!node:)/m)
  expect(JSON.parse(map ?? '').sources.join()).toContain('examples/counter/counter.ts')

  const file = join(await temporaryFolder(), 'server.mjs')
  await writeFile(file, code)
  const port = await freePort()
  const child = spawn(process.execPath, [file], {
    env: { PORT: String(port) },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  const [line] = await once(child.stderr.setEncoding('utf8'), 'data')
  expect(JSON.parse(line)).toMatchObject({ port, functions: expect.arrayContaining(['counter.kafka/fn']) })
  const answer = await fetch(`http://127.0.0.1:${port}/statefun`)
  expect([answer.status, await answer.text()]).toEqual([200, 'OK'])
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})

test('a bundle of the engine runs alone, and takes the arguments of statefun run', {
  timeout: 60_000,
}, async () => {
  const { code, map } = await bundleEngine(COUNTER)
  expect(map).toBeUndefined()
  // Of Kafka's client library, the parts that are used.
  expect(code).toContain('class Writer')
  expect(code).not.toContain('class MessagesStream')
  expect(code).not.toMatch(/^import .* from ["'](?!node:)/m)
  const folder = await temporaryFolder()
  const file = join(folder, 'server.mjs')
  await writeFile(file, code)
  const outcome = spawnSync(process.execPath, [file, 'run', '--module', 'missing.yaml'], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(outcome.status).toBe(3)
  expect(outcome.stderr).toMatch(/SF_MODULE|missing\.yaml/)
  expect(spawnSync(process.execPath, [file, 'run', '--help'], { encoding: 'utf8' }).stdout).toContain(
    '--checkpoint-place',
  )
})

test('the command is not in it', async () => {
  const { code } = await bundleServer(COUNTER)
  expect(code).not.toContain('commander')
  expect(code.length).toBeLessThan(1_000_000)
})

test('what is not installed is named', async () => {
  const config = join(await temporaryFolder(), 'statefun.config.ts')
  await writeFile(
    config,
    `import { a } from 'not-installed-anywhere'\nexport const config = { functions: [a] }\n`,
  )
  await expect(bundleServer(config)).rejects.toMatchObject({
    code: 'SF_IMAGE_BUNDLE',
    where: config,
    hint: expect.stringContaining('npm install'),
  })
})
