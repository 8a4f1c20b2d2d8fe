import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { packPackages } from '../check/packed-package.ts'
import { publishable, ROOT, readWorkspaces } from '../workspace.ts'
import { billOfMaterials } from './bill-of-materials.ts'

// `npm run release:pack -- FOLDER`: what a release consists of: the packages as they are uploaded, a bill of materials of
// all that comes with them (CycloneDX), and the SHA-256 of each file.

const folder = resolve(process.argv[2] ?? 'release-packages')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
await using packed = await packPackages(ROOT, publishable(readWorkspaces(ROOT)))
if (packed.failures.length > 0) throw new Error(packed.failures.join('\n'))
const files = packed.packages.map(({ tarball }) => basename(tarball))
for (const { tarball } of packed.packages) copyFileSync(tarball, join(folder, basename(tarball)))
const version = packed.packages[0]?.workspace.manifest.version ?? '0.0.0'
const tarballs = packed.packages.map(({ tarball }) => tarball)
writeFileSync(join(folder, 'sbom.cdx.json'), await billOfMaterials(tarballs, version))
const sums = [...files, 'sbom.cdx.json'].map((name) => `${sha256(join(folder, name))}  ${name}`)
writeFileSync(join(folder, 'SHA256SUMS'), `${sums.join('\n')}\n`)
process.stdout.write(
  `${sums.join('\n')}\n${files.length} packages and their bill of materials in ${folder}\n`,
)

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
