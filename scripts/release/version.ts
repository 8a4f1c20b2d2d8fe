import { runNpm, runTool } from '../run-tool.ts'
import { ROOT } from '../workspace.ts'

// `npm run release:version`: the changesets become a version and the packages' changelogs; the lock file follows.

for (const result of [
  await runTool('@changesets/cli', 'changeset', ['version']),
  await runNpm(['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'], ROOT),
]) {
  process.stdout.write(result.output)
  if (result.code !== 0) process.exit(1)
}
