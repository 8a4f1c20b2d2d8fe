import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'tsdown'
import type { Workspace } from '../workspace.ts'
import { COMPILED, publishedManifest } from './published-manifest.ts'

/** A package ready for `npm pack`. */
export interface BuiltPackage {
  readonly name: string
  /** Absolute path of the folder to pack. */
  readonly folder: string
}

/**
 * Compiles a package into its `dist`: `lib/` mirrors `src/` file by file (so stack traces and paths relative to a file
 * stay meaningful) with a declaration beside each file, plus manifest, licence, README and whatever `files` lists.
 *
 * @throws Error when something would be bundled that is no declared dependency, or the compiler fails
 */
export async function buildPackage(root: string, { folder, manifest }: Workspace): Promise<BuiltPackage> {
  const source = join(root, folder)
  const target = join(source, 'dist')
  const published = publishedManifest(manifest)
  rmSync(target, { recursive: true, force: true })
  await build({
    config: false,
    cwd: source,
    entry: [...new Set([...Object.values(manifest.exports ?? {}), ...Object.values(manifest.bin ?? {})])],
    root: join(source, 'src'),
    outDir: join(target, COMPILED),
    format: 'esm',
    platform: 'node',
    target: 'node22.22',
    unbundle: true,
    fixedExtension: false,
    dts: true,
    deps: { onlyBundle: [] },
    // At the root, because TypeScript's output folder is laid out from where the file lies and packages import each other's sources.
    tsconfig: join(root, 'tsconfig.build.json'),
    logLevel: 'error',
    report: false,
  })
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'))
  for (const name of ['README.md', ...(manifest.files ?? [])]) {
    if (existsSync(join(source, name))) cpSync(join(source, name), join(target, name), { recursive: true })
  }
  return { name: manifest.name, folder: target }
}
