import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runNpm } from '../run-tool.ts'
import { ROOT } from '../workspace.ts'
import { publishArguments, readPacked } from './packed-files.ts'

// `npm run release:publish -- FOLDER [--userconfig FILE]`: uploads what `release:pack` wrote, those others depend on first. A
// version that is there already is left alone, so a publish that broke off can run again. In a GitHub workflow npm trades
// the workflow's identity for a token (trusted publishing) and records where the packages were built (provenance).

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { userconfig: { type: 'string' } },
})
const folder = resolve(positionals[0] ?? 'release-packages')
const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
const packed = await readPacked(tarballs.map((name) => join(folder, name)))
const settings = values.userconfig === undefined ? [] : [`--userconfig=${values.userconfig}`]
// For another registry nothing is recorded in the public log of signatures, also where a workflow could.
const environment = values.userconfig === undefined ? process.env : {}
// Said anew: npm run --silent hands its own level on, and the reason of a refusal would be missing.
const level = '--loglevel=error'
for (const { name, version, tarball } of packed) {
  const there = await runNpm(['view', `${name}@${version}`, 'version', ...settings, level], ROOT)
  if (there.code === 0) {
    process.stdout.write(`${name}@${version} is there already\n`)
    continue
  }
  if (!there.output.includes('E404')) throw new Error(there.output)
  const result = await runNpm([...publishArguments(tarball, version, environment), ...settings, level], ROOT)
  if (result.code !== 0) throw new Error(`${name}@${version} was not published\n${result.output}`)
  process.stdout.write(`${name}@${version} published\n`)
}
