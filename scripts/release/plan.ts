import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runNpm } from '../run-tool.ts'
import { publishable, ROOT, readWorkspaces } from '../workspace.ts'
import { type ReleasePlan, releasePlan } from './release-plan.ts'

// `npm run release:plan`: what a push to the branch `release` leads to, as a line and as outputs of a workflow's step.

const { manifest } = publishable(readWorkspaces(ROOT))[0] ?? fail('no package is published')
const pending = readdirSync(join(ROOT, '.changeset')).filter((name) => /^(?!README).*\.md$/.test(name))
const plan = releasePlan(manifest.version, pending, await isPublished(`${manifest.name}@${manifest.version}`))
process.stdout.write(`${describe(plan)}\n`)
if (process.env.GITHUB_OUTPUT !== undefined) {
  const { mode, version, stable } = plan
  appendFileSync(process.env.GITHUB_OUTPUT, `mode=${mode}\nversion=${version}\nstable=${stable}\n`)
}

async function isPublished(spec: string): Promise<boolean> {
  const { code, output } = await runNpm(['view', spec, 'version', '--json', '--loglevel=error'], ROOT)
  if (code === 0) return true
  if (output.includes('E404')) return false
  return fail(`npm could not say whether ${spec} is published\n${output}`)
}

function describe({ mode, version, pending: files, tag }: ReleasePlan): string {
  if (mode === 'version') return `version: ${files.length} changesets wait: ${files.join(', ')}`
  if (mode === 'publish') return `publish: ${version} as ${tag}, after the gate`
  return `none: ${version} is published and no changeset waits`
}

function fail(message: string): never {
  throw new Error(message)
}
