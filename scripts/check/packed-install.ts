import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runNode, runNpm, runTool } from '../run-tool.ts'
import { ROOT, readManifest } from '../workspace.ts'
import type { PackedPackage } from './packed-package.ts'
import type { StepResult } from './step.ts'

/** What a user would write first; it fails when the published sdk lacks a part of it. */
const FIRST_PROGRAM = `
import { defineFunction, types } from '@statefun/sdk'
const counter = defineFunction({
  type: 'example/counter',
  state: { total: types.long },
  accepts: [types.int],
  handle(ctx, delta) {
    ctx.state.total = (ctx.state.total ?? 0n) + BigInt(delta)
  },
})
const target = { namespace: 'example', type: 'counter', id: 'a' }
const answer = await counter.invoke({ target, state: [], invocations: [] })
if (answer.kind !== 'incomplete' || answer.missing[0]?.stateName !== 'total') {
  throw new Error('expected the counter to ask for its state, got ' + JSON.stringify(answer))
}
console.log('ok')
`

/** An app with an end-to-end test, for what is published of the gate and the command. */
const FIRST_APP: Readonly<Record<string, string>> = {
  'statefun.config.ts': `
import { defineConfig } from '@statefun/cli'
import { defineFunction, kafkaEgress, types } from '@statefun/sdk'
const out = kafkaEgress('a/out', { topic: 'out', value: types.string })
const echo = defineFunction({
  type: 'a/echo',
  accepts: [types.string],
  handle: (ctx, value) => ctx.emit(out, { key: ctx.self.id, value }),
})
export const config = defineConfig({ app: 'first', functions: [echo] })
`,
  'module.yaml': `
kind: io.statefun.kafka.v1/ingress
spec:
  id: a/in
  address: localhost:9092
  consumerGroupId: first
  startupPosition: { type: earliest }
  topics: [{ topic: in, valueType: io.statefun.types/string, targets: [a/echo] }]
---
kind: io.statefun.kafka.v1/egress
spec: { id: a/out, address: localhost:9092 }
`,
  'e2e/first.e2e.ts': `
import { expect, test } from '@statefun/gate/test'
import { types } from '@statefun/sdk'
test('comes back', { tags: ['kafka'], meta: { needs: ['kafka-headers'] } }, async ({ kafka }) => {
  await kafka.send('in', { key: 'k', as: types.string, value: 'v' })
  expect((await kafka.read('out', { as: types.string })).value).toBe('v')
})
`,
}

/** As this checkout has them. */
const NODE_TYPES = `@types/node@${readManifest(ROOT).devDependencies?.['@types/node']}`

/** Entries that Vitest alone can import. */
const IN_VITEST = /^@statefun\/gate\/test/

/** Strict, and looks into our declaration files too. */
const USER_TSCONFIG = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable', 'dom'],
    module: 'nodenext',
    skipLibCheck: false,
    types: ['node'],
  },
  files: ['entries.ts', 'first.ts', 'e2e/first.e2e.ts', 'statefun.config.ts', 'vitest.ts'],
}

/**
 * Installs the tarballs into an empty project, without install scripts, then type-checks and runs programs there that
 * import every entry of every package and define a function, runs an end-to-end test of an app, and asks every command for its help. Shows that no file,
 * dependency or export is missing from what is published.
 */
export async function checkPackedInstall(
  packages: readonly PackedPackage[],
  expected: number,
): Promise<StepResult> {
  if (packages.length < expected)
    return failed('not tried', 'packages depend on each other: all of them must pack first')
  const folder = mkdtempSync(join(tmpdir(), 'statefun-install-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }\n')
    const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
    const installed = await runNpm(
      [
        'install',
        ...flags,
        ...packages.map(({ tarball }) => tarball),
        ...optionalPeers(packages),
        NODE_TYPES,
      ],
      folder,
    )
    if (installed.code !== 0) return failed('npm install failed', installed.output)
    const entries = packages.flatMap(({ workspace: { manifest } }) =>
      Object.keys(manifest.exports ?? {}).map((entry) => manifest.name + entry.slice(1)),
    )
    const imports = (names: readonly string[]) => names.map((entry) => `await import('${entry}')\n`).join('')
    writeFileSync(join(folder, 'entries.ts'), imports(entries.filter((entry) => !IN_VITEST.test(entry))))
    writeFileSync(join(folder, 'vitest.ts'), imports(entries.filter((entry) => IN_VITEST.test(entry))))
    mkdirSync(join(folder, 'e2e'))
    for (const [name, text] of Object.entries(FIRST_APP)) writeFileSync(join(folder, name), text)
    writeFileSync(join(folder, 'first.ts'), FIRST_PROGRAM)
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(USER_TSCONFIG))
    const checked = await runTool('typescript', 'tsc', ['-p', folder])
    if (checked.code !== 0) return failed('the published types are wrong', checked.output)
    for (const program of ['entries.ts', 'first.ts']) {
      const ran = await runNode([program], { cwd: folder })
      if (ran.code !== 0) return failed(`${program} failed`, ran.output)
    }
    const e2e = await runNpm(['exec', '--offline', '--', 'statefun', 'e2e', '--topology', 'embedded'], folder)
    if (e2e.code !== 0) return failed('the end-to-end test of an app failed', e2e.output)
    const bins = packages.flatMap(({ workspace: { manifest } }) => Object.keys(manifest.bin ?? {}))
    for (const bin of bins) {
      const ran = await runNpm(['exec', '--offline', '--', bin, '--help'], folder)
      if (ran.code !== 0) return failed(`${bin} --help failed`, ran.output)
    }
    const summary = `${packages.length} tarballs, ${entries.length} entries, ${bins.length} programs, a function defined, an app tested end to end`
    return { summary, findings: [] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Entries that need an optional peer are for users who have it. */
function optionalPeers(packages: readonly PackedPackage[]): readonly string[] {
  const peers = packages.flatMap(({ workspace: { manifest } }) =>
    Object.entries(manifest.peerDependencies ?? {}),
  )
  return [
    ...new Set(
      peers.filter(([name]) => !isPacked(name, packages)).map(([name, range]) => `${name}@${range}`),
    ),
  ]
}

function isPacked(name: string, packages: readonly PackedPackage[]): boolean {
  return packages.some(({ workspace }) => workspace.manifest.name === name)
}

function failed(summary: string, failure: string): StepResult {
  return { summary, findings: [], failure }
}
