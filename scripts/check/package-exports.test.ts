import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runNpm } from '../run-tool.ts'
import { checkPackageExports } from './package-exports.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statefun-exports-test-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

async function check(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const manifest = {
    name: 'planted',
    version: '1.0.0',
    type: 'module',
    exports: { '.': { types: './lib/index.d.ts', default: './lib/index.js' } },
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  await runNpm(['pack', '--ignore-scripts'], folder)
  const workspace = {
    folder: 'packages/planted',
    manifest: { ...manifest, exports: { '.': './src/index.ts' } },
  }
  const { findings } = await checkPackageExports([{ workspace, tarball: join(folder, 'planted-1.0.0.tgz') }])
  return findings.map(({ rule, message }) => `${rule}: ${message}`)
}

it('accepts a package whose types say what its code exports', { timeout: 20_000 }, async () => {
  const files = {
    'lib/index.js': 'export const a = 1\n',
    'lib/index.d.ts': 'export declare const a: number\n',
  }
  expect(await check(files)).toEqual([])
})

it('finds missing code and types that resolve to nothing', { timeout: 20_000 }, async () => {
  const files = { 'lib/index.js': 'export const a = 1\n', 'lib/index.d.ts': "export * from './gone.js'\n" }
  expect((await check(files)).join()).toContain('attw: InternalResolutionError')
  rmSync(join(folder, 'lib/index.js'))
  expect((await check({})).join()).toContain('publint: ')
})
