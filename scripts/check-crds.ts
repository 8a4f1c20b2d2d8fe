// Checks what `statefun deploy render` makes of the example against CRDs and against the types of Kubernetes.
//
//   npm run check:crds -- DIR                 every folder with CRDs below DIR, such as one for each operator version
//   npm run check:crds -- DIR manifests/      the manifests of a folder or file instead of the example
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Manifest } from '@statefun/flink'
import { parseAllDocuments } from 'yaml'
import { checkManifests, flinkVersionsOf } from './crds/check-manifests.ts'
import { findCrdSets } from './crds/read-crds.ts'
import { renderForOperator } from './crds/render-example.ts'

function readManifests(path: string): readonly Manifest[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => /\.ya?ml$/.test(name) && name !== 'kustomization.yaml')
        .map((name) => join(path, name))
    : [path]
  return files
    .flatMap((file) =>
      parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Manifest | null),
    )
    .filter((manifest) => manifest !== null)
}

const [folder, given] = process.argv.slice(2)
if (folder === undefined) {
  console.error('name a folder of CRDs: npm run check:crds -- DIR [MANIFESTS]')
  process.exit(2)
}
const sets = findCrdSets(folder)
if (sets.length === 0) {
  console.error(`there are no CRDs (*.yml, *.yaml) in ${folder}`)
  process.exit(2)
}
let wrong = 0
for (const { folder: place, kinds } of sets) {
  const versions = flinkVersionsOf(kinds)
  const rendered =
    given === undefined ? renderForOperator(versions) : [{ profile: given, manifests: readManifests(given) }]
  console.log(
    `${relative(process.cwd(), place) || place}: ${kinds.length} kinds, Flink up to ${versions?.at(-1) ?? '-'}`,
  )
  for (const { profile, manifests } of rendered) {
    const findings = await checkManifests(manifests, kinds)
    wrong += findings.length
    console.log(`  ${findings.length === 0 ? 'ok   ' : 'WRONG'} ${profile}: ${manifests.length} objects`)
    for (const { what, text } of findings) console.log(`        ${what}: ${text}`)
  }
  if (versions?.includes('v2_0') === false)
    console.log('  the profile kzm needs an operator that knows Flink 2')
}
console.log(wrong === 0 ? 'all manifests are valid' : `${wrong} findings`)
process.exitCode = wrong === 0 ? 0 : 1
