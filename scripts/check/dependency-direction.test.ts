import { describe, expect, it } from 'vitest'
import type { Workspace } from '../workspace.ts'
import { checkDependencyDirection } from './dependency-direction.ts'
import { formatFinding } from './step.ts'

function workspace(
  folder: string,
  dependencies: readonly string[],
  devDependencies: readonly string[] = [],
): Workspace {
  const versions = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, '1']))
  return {
    folder,
    manifest: {
      name: `@statefun/${folder.split('/').at(-1)}`,
      version: '1',
      exports: { '.': './src/index.ts', './testing': './src/testing/index.ts' },
      dependencies: versions(dependencies),
      devDependencies: versions(devDependencies),
    },
  }
}

const WORKSPACES = [
  workspace('bench', ['@statefun/sdk']),
  workspace('packages/engine', ['@statefun/protocol', '@statefun/kafka', 'yaml'], ['@statefun/sdk', 'zod']),
  workspace('packages/kafka', ['@statefun/protocol', '@statefun/engine']),
  workspace('packages/protocol', []),
  workspace('packages/sdk', ['@statefun/protocol']),
]

/** The findings for a tree of files, one text per finding. */
function check(files: Readonly<Record<string, string>>): readonly string[] {
  const { findings } = checkDependencyDirection({
    files: Object.entries(files).map(([path, text]) => ({ path, text, bytes: text.length })),
    workspaces: WORKSPACES,
    rootDevDependencies: ['vitest'],
  })
  return findings.map(formatFinding)
}

describe('the direction between packages', () => {
  it('lets a package import those below it', () => {
    expect(
      check({
        'packages/kafka/src/a.ts':
          "import { x } from '@statefun/engine'\nimport type { Y } from '@statefun/protocol'\n",
        'packages/sdk/src/a.ts': "export * from '@statefun/protocol'\n",
      }),
    ).toEqual([])
  })

  it('names file, line and rule of an import that points upwards', () => {
    const findings = check({
      'packages/engine/src/core/a.ts': "// why\nimport { x } from '@statefun/kafka'\n",
    })
    expect(findings).toEqual([
      'packages/engine/src/core/a.ts:2 dependency-direction: @statefun/engine must not import @statefun/kafka\n    it may import @statefun/protocol',
    ])
  })

  it.each([
    ['a type import', "import type { X } from '@statefun/kafka'"],
    ['an inline type', "let x: import('@statefun/kafka').X"],
    ['a lazy import', "await import('@statefun/kafka')"],
    ['a re-export', "export { x } from '@statefun/kafka'"],
    ['a re-export of all', "export * from '@statefun/kafka'"],
    ['an import for effect', "import '@statefun/kafka'"],
  ])('sees %s', (_, text) => {
    expect(check({ 'packages/engine/src/a.ts': text })).toHaveLength(1)
  })

  it('is not misled by comments and strings', () => {
    const text =
      "// import '@statefun/kafka'\nconst a = \"import '@statefun/kafka'\"\nconst b = `export * from '@statefun/kafka'`\n"
    expect(check({ 'packages/engine/src/a.ts': text })).toEqual([])
  })

  it('lets tests import what their package declares for development', () => {
    expect(
      check({ 'packages/engine/src/a.test.ts': "import 'vitest'\nimport 'zod'\nimport '@statefun/sdk'\n" }),
    ).toEqual([])
  })

  it('does not let a package import itself by name', () => {
    const [finding] = check({ 'packages/engine/src/a.ts': "import { x } from '@statefun/engine'\n" })
    expect(finding).toContain('import the file itself by its relative path')
  })
})

describe('declared dependencies', () => {
  it('refuses an undeclared package and one declared for development only', () => {
    const findings = check({
      'packages/engine/src/a.ts': "import 'pino'\nimport 'zod'\nimport 'yaml/util'\nimport 'node:fs'\n",
    })
    expect(findings.map((finding) => finding.split('\n')[0])).toEqual([
      'packages/engine/src/a.ts:1 undeclared-dependency: pino is not declared in packages/engine/package.json',
      'packages/engine/src/a.ts:2 undeclared-dependency: zod is not declared in packages/engine/package.json',
    ])
  })

  it('are those of the root for what lies in no package, and every package of ours', () => {
    const [finding, ...others] = check({
      'scripts/a.ts': "import 'vitest'\nimport '@statefun/sdk'\nimport 'zod'\n",
    })
    expect(finding).toContain('scripts/a.ts:3 undeclared-dependency: zod is not declared in package.json')
    expect(others).toEqual([])
  })

  it('refuses a package of ours that does not exist', () => {
    expect(check({ 'scripts/a.ts': "import '@statefun/nothing'\n" }).join()).toContain(
      'there is no package @statefun/nothing',
    )
  })
})

describe('deep imports', () => {
  it.each([
    ['by name', "import '@statefun/protocol/src/a.ts'", '@statefun/protocol does not export "./src/a.ts"'],
    ['by path', "import '../../protocol/src/a.ts'", '../../protocol/src/a.ts leaves packages/sdk'],
  ])('are refused %s', (_, text, message) => {
    expect(check({ 'packages/sdk/src/a.ts': text }).join()).toContain(
      `packages/sdk/src/a.ts:1 deep-import: ${message}`,
    )
  })

  it('are not exported entries', () => {
    expect(check({ 'bench/src/a.ts': "import '@statefun/sdk/testing'" })).toEqual([])
  })

  it('are for benches, which measure what is not exported', () => {
    expect(check({ 'bench/src/a.ts': "import '../../packages/sdk/src/batch-run.ts'" })).toEqual([])
  })
})

describe('test kits of packages', () => {
  it('serve tests of several packages together, and nothing else', () => {
    const kit = "import '../packages/kafka/test/kit.ts'"
    expect(check({ 'test/a.test.ts': kit })).toEqual([])
    expect(check({ 'scripts/a.ts': kit }).join()).toContain('deep-import')
    expect(check({ 'test/a.test.ts': "import '../packages/kafka/src/a.ts'" }).join()).toContain('deep-import')
  })
})

describe('import cycles', () => {
  it('are reported once, as a path, wherever one enters them', () => {
    const findings = check({
      'packages/sdk/src/entry.ts': "import './c.ts'",
      'packages/sdk/src/a.ts': "import './b.ts'",
      'packages/sdk/src/b.ts': "import './deep/d.ts'\nimport './c.ts'",
      'packages/sdk/src/c.ts': "import './a.ts'",
      'packages/sdk/src/deep/d.ts': 'export const d = 1',
    })
    expect(findings.map((finding) => finding.split('\n')[0])).toEqual([
      'packages/sdk/src/a.ts:1 import-cycle: packages/sdk/src/a.ts -> packages/sdk/src/b.ts -> packages/sdk/src/c.ts -> packages/sdk/src/a.ts',
    ])
  })

  it('may go through types, which are erased, and through lazy imports', () => {
    expect(
      check({
        'packages/sdk/src/a.ts': "import type { B } from './b.ts'\nconst c = () => import('./b.ts')",
        'packages/sdk/src/b.ts': "import { a } from './a.ts'",
      }),
    ).toEqual([])
  })
})

it('refuses to judge a file that is no TypeScript', () => {
  expect(() => check({ 'packages/sdk/src/a.ts': 'import {' })).toThrow('packages/sdk/src/a.ts')
})
