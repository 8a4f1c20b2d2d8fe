import { readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runProgram } from '../run-tool.ts'
import { publishable, ROOT, readWorkspaces } from '../workspace.ts'
import { releaseNotes } from './release-notes.ts'

// `npm run release:github -- FOLDER`: the release on GitHub, with its tag, its notes and the files of `release:pack`. Needs `gh`
// and GH_TOKEN; VERSION and STABLE say which, GITHUB_SHA of which commit.

const folder = resolve(process.argv[2] ?? 'release-packages')
const { VERSION: version = '', STABLE: stable, GITHUB_SHA: commit = '' } = process.env
if (version === '') throw new Error('VERSION says which release')
// Without one the tag would go to the head of the default branch, which is not what was published.
if (commit === '') throw new Error('GITHUB_SHA says which commit is released')
const notes = join(folder, 'NOTES.md')
writeFileSync(
  notes,
  releaseNotes(
    version,
    publishable(readWorkspaces(ROOT)).map(({ folder: each }) => join(ROOT, each)),
  ),
)
const files = readdirSync(folder).filter((name) => name !== 'NOTES.md')
const args = [
  'release',
  'create',
  `v${version}`,
  '--title',
  `v${version}`,
  '--notes-file',
  notes,
  '--target',
  commit,
]
const kind = stable === 'true' ? ['--latest'] : ['--prerelease']
const { code, output } = await runProgram('gh', [
  ...args,
  ...kind,
  ...files.map((name) => join(folder, name)),
])
process.stdout.write(output)
process.exitCode = code
