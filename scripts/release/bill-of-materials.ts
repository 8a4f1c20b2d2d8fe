import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runNpm } from '../run-tool.ts'

/**
 * A bill of materials (CycloneDX JSON) of what a user gets who installs these tarballs: resolved in an empty project, so that
 * nothing of this checkout is in it.
 *
 * @throws Error with npm's output
 */
export async function billOfMaterials(tarballs: readonly string[], version: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'statefun-sbom-'))
  try {
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'statefun-release', version, private: true }),
    )
    const install = [
      'install',
      '--package-lock-only',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      ...tarballs,
    ]
    await npm(install, folder)
    return await npm(
      ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'],
      folder,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function npm(args: readonly string[], folder: string): Promise<string> {
  const { code, stdout, output } = await runNpm(args, folder)
  if (code !== 0) throw new Error(`npm ${args[0]} failed\n${output}`)
  return stdout
}
