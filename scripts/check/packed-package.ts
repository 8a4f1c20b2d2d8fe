import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildPackage } from '../build/build-package.ts'
import { runNpm } from '../run-tool.ts'
import type { Workspace } from '../workspace.ts'

/** A package as it would be uploaded. */
export interface PackedPackage {
  readonly workspace: Workspace
  /** Absolute path of the `.tgz`. */
  readonly tarball: string
}

/** The packed packages, and what failed on the way. */
export interface Packed extends AsyncDisposable {
  readonly packages: readonly PackedPackage[]
  /** One text per package that did not build or pack. */
  readonly failures: readonly string[]
}

/** Builds and packs every package into a temporary folder, which is removed when the result is disposed of. */
export async function packPackages(root: string, workspaces: readonly Workspace[]): Promise<Packed> {
  const folder = mkdtempSync(join(tmpdir(), 'statefun-pack-'))
  const packages: PackedPackage[] = []
  const failures: string[] = []
  for (const workspace of workspaces) {
    try {
      const built = await buildPackage(root, workspace)
      packages.push({ workspace, tarball: await pack(built.folder, folder) })
    } catch (error) {
      failures.push(`${workspace.manifest.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { packages, failures, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

async function pack(folder: string, destination: string): Promise<string> {
  const args = ['pack', folder, '--pack-destination', destination, '--json', '--ignore-scripts']
  const { code, stdout, output } = await runNpm(args, destination)
  if (code !== 0) throw new Error(`npm pack failed\n${output}`)
  const [packed] = JSON.parse(stdout) as readonly { readonly filename: string }[]
  if (packed === undefined) throw new Error(`npm pack packed nothing\n${output}`)
  return join(destination, packed.filename)
}
