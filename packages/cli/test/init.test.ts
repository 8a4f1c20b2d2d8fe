import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeWorkFolder, runCli } from './run-cli.ts'

const run = promisify(execFile)
let work: ReturnType<typeof makeWorkFolder>
beforeAll(() => {
  work = makeWorkFolder()
})
afterAll(() => work.remove())

describe('statefun init', () => {
  it('makes an app of that name whose own test passes', async () => {
    const { code, stdout } = await runCli(['init', 'my-shop'], { cwd: work.path })
    expect(code).toBe(0)
    expect(stdout).toContain('cd my-shop\n')
    const app = join(work.path, 'my-shop')
    expect(readdirSync(app).sort()).toEqual([
      '.gitignore',
      'README.md',
      'e2e',
      'functions.test.ts',
      'functions.ts',
      'module.yaml',
      'package.json',
      'statefun.config.ts',
      'tsconfig.json',
    ])
    const manifest = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ name: 'my-shop', dependencies: { '@statefun/sdk': '^0.1.0' } })
    expect(readFileSync(join(app, 'functions.ts'), 'utf8')).toContain("type: 'my-shop/greeter'")
    // The runner of this test marks its environment; the app's own must not take itself for a part of it.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const tests = await run(process.execPath, ['--test', '--test-reporter=tap'], { cwd: app, env })
    expect(tests.stdout).toContain('# pass 2')
    expect((await runCli(['validate'], { cwd: app })).code).toBe(0)
  })

  it('leaves a folder alone that holds something', async () => {
    mkdirSync(join(work.path, 'full'))
    writeFileSync(join(work.path, 'full', 'notes.txt'), 'mine')
    const { code, stderr } = await runCli(['init', 'full'], { cwd: work.path })
    expect(code).toBe(2)
    expect(stderr).toContain('not empty: notes.txt')
    expect(readdirSync(join(work.path, 'full'))).toEqual(['notes.txt'])
  })

  it('refuses names that no package can have', async () => {
    const { code, stderr } = await runCli(['init', 'My App'], { cwd: work.path })
    expect([code, stderr]).toEqual([2, expect.stringContaining('SF_CLI_NAME')])
  })
})
