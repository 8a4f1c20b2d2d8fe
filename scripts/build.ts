import { buildPackage } from './build/build-package.ts'
import { publishable, ROOT, readWorkspaces } from './workspace.ts'

// `npm run build`: every publishable package into its own dist/, which is what `npm pack packages/<x>/dist` packs.
// `npm run build -- sdk engine` builds only those.

const packages = publishable(readWorkspaces(ROOT))
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !packages.some(({ folder }) => folder === `packages/${name}`))
if (unknown.length > 0) {
  const names = packages.map(({ folder }) => folder.replace('packages/', ''))
  process.stderr.write(`no publishable package ${unknown.join(', ')}; there are: ${names.join(', ')}\n`)
  process.exit(2)
}
const started = performance.now()
const chosen =
  asked.length === 0
    ? packages
    : packages.filter(({ folder }) => asked.includes(folder.slice('packages/'.length)))
for (const workspace of chosen) {
  const start = performance.now()
  try {
    await buildPackage(ROOT, workspace)
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    process.stdout.write(
      `${workspace.manifest.name.padEnd(24)} ${seconds.padStart(5)} s  ${workspace.folder}/dist\n`,
    )
  } catch (error) {
    process.exitCode = 1
    process.stderr.write(
      `${workspace.manifest.name} FAILED: ${error instanceof Error ? error.message : String(error)}\n`,
    )
  }
}
process.stdout.write(`${((performance.now() - started) / 1000).toFixed(1)} s\n`)
