import { resolve } from 'node:path'
import { runNode } from '../run-tool.ts'
import { startLocalRegistry } from './local-registry.ts'
import { NODE_RELEASES, nodeOf } from './node-releases.ts'
import { tryPublished } from './try-published.ts'

// `npm run release:try -- FOLDER`: publishes what `release:pack` wrote to a registry on this machine and uses it from there
// as a newcomer would, on each supported Node.

const folder = resolve(process.argv[2] ?? 'release-packages')
await using registry = await startLocalRegistry()
const published = await runNode(
  [new URL('publish.ts', import.meta.url).pathname, folder, `--userconfig=${registry.npmrc}`],
  {},
)
process.stdout.write(published.output)
// Thrown, not exited with: the registry has to end.
if (published.code !== 0) throw new Error('the packages cannot be published to the local registry')
for (const release of NODE_RELEASES) {
  const node = await nodeOf(release)
  const started = performance.now()
  const steps = await tryPublished({ node, npmrc: registry.npmrc })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`ok   ${seconds.padStart(5)} s  Node ${release}: ${steps.join(', ')}\n`)
}
