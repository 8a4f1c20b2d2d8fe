import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { StatefunError } from '@statefun/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ContainerEngine } from '../container/container-engine.ts'
import { type BuildImageOptions, buildFunctionImage, buildStep, IMAGE_TEMPLATE } from './build-image.ts'

const COUNTER = join(import.meta.dirname, '../../../../examples/counter/statefun.config.ts')
const dockerfile = readFileSync(join(IMAGE_TEMPLATE, 'Dockerfile'), 'utf8')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statefun-image-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** An engine that keeps what it is asked for, and the context of the build. */
function recordingEngine(fail?: StatefunError) {
  const commands: (readonly string[])[] = []
  const engine: ContainerEngine = {
    name: 'docker',
    async run(args, options) {
      commands.push(args)
      if (args[0] !== 'build') return 'sha256:1234 1000\n'
      cpSync(args.at(-1)!, folder, { recursive: true })
      options?.onLine?.('Step 1/9 : FROM a')
      options?.onLine?.(' ---> 123')
      if (fail !== undefined) throw fail
      return ''
    },
  }
  return { engine, commands }
}

const options = (engine: ContainerEngine): BuildImageOptions => ({ config: COUNTER, tag: 'a:b', engine })

describe('the build', () => {
  test('gets the template with the functions in one file, and the prefix as an argument', async () => {
    const { engine, commands } = recordingEngine()
    const progress: string[] = []
    const image = await buildFunctionImage({
      ...options(engine),
      prefix: 'registry.example.com/proxy/',
      onProgress: (text) => progress.push(text),
    })
    expect(image).toMatchObject({ tag: 'a:b', id: 'sha256:1234', size: 1000 })
    expect(progress).toEqual(['bundling the functions', 'Step 1/9 : FROM a'])
    expect(commands[0]).toEqual(
      expect.arrayContaining([
        'IMAGE_REGISTRY_PREFIX=registry.example.com/proxy/',
        'NODE_IMAGE=node:24-bookworm-slim',
        'PACK=none',
      ]),
    )
    expect(commands[0]).toEqual(expect.arrayContaining(['--target', 'functions']))
    for (const file of ['Dockerfile', 'runtime.mjs', 'app/server.mjs', 'app/server.mjs.map']) {
      expect(existsSync(join(folder, file)), file).toBe(true)
    }
  })

  test('of an engine has what lies beside its configuration, and no map', async () => {
    const { engine, commands } = recordingEngine()
    const module = join(COUNTER, '..', 'module.yaml')
    await buildFunctionImage({ ...options(engine), of: 'engine', files: { 'module.yaml': module } })
    expect(commands[0]).toEqual(expect.arrayContaining(['--target', 'engine']))
    expect(readFileSync(join(folder, 'app/module.yaml'), 'utf8')).toBe(readFileSync(module, 'utf8'))
    expect(existsSync(join(folder, 'app/server.mjs.map'))).toBe(false)
    expect(readFileSync(join(folder, 'app/server.mjs'), 'utf8')).toContain('counter.kafka/fn')
  })

  test('that cannot pull its base says which, with what prefix, and what to do', async () => {
    const failure = new StatefunError('SF_CONTAINER_COMMAND', 'build failed', {
      excerpt: 'dial tcp: lookup registry.example.com: no such host',
    })
    const { engine } = recordingEngine(failure)
    await expect(
      buildFunctionImage({ ...options(engine), prefix: 'registry.example.com/proxy/' }),
    ).rejects.toMatchObject({
      code: 'SF_IMAGE_BUILD',
      hint: expect.stringMatching(
        /registry\.example\.com\/proxy\/node:24-bookworm-slim cannot be pulled.*IMAGE_REGISTRY_PREFIX/s,
      ),
    })
  })
})

describe('the Dockerfile', () => {
  test('takes every base through the prefix, and ends as nobody without a shell', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base)
    expect(bases[0]).toMatch(/^\$\{IMAGE_REGISTRY_PREFIX\}\$\{NODE_IMAGE\}$/)
    expect(bases.slice(1)).toEqual(['scratch', 'base', 'base'])
    const last = dockerfile.slice(dockerfile.indexOf('FROM scratch'))
    expect(last).toContain('USER 65532:65532')
    expect(last).not.toMatch(/^RUN/m)
    for (const [, command] of last.matchAll(/^(?:ENTRYPOINT|HEALTHCHECK.* CMD) (.*)$/gm)) {
      expect(JSON.parse(command!)[0]).toBe('/usr/local/bin/node')
    }
  })
})

// ELF programs are Linux's alone, and so are images.
test.runIf(process.platform === 'linux')('a Node without its symbols runs as before', async () => {
  const run = promisify(execFile)
  await run(process.execPath, [join(IMAGE_TEMPLATE, 'runtime.mjs'), folder])
  const node = join(folder, 'usr/local/bin/node')
  expect((await run(node, ['-p', 'process.version'])).stdout.trim()).toBe(process.version)
  expect(statSync(node).size).toBeLessThanOrEqual(statSync(process.execPath).size)
  expect(readFileSync(join(folder, 'etc/passwd'), 'utf8')).toContain('nonroot:x:65532')
})

test.each([
  ['Step 3/9 : FROM a', true],
  ['#7 [runtime 2/4] COPY runtime.mjs /build/', true],
  ['STEP 2/9: ARG A', true],
  [' ---> Using cache', false],
])('%s is a step: %s', (line, is) => {
  expect(buildStep(line)).toBe(is ? line : undefined)
})
