import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { moduleJsonSchema } from '@statefun/engine'
import { brokenLinks } from './src/broken-links.ts'
import { buildSite } from './src/build-site.ts'
import { moduleReference } from './src/module-reference.ts'
import { unlistedPages } from './src/sidebar.ts'

// `npm run docs:test`: what is generated is up to date, the site builds, every link and anchor leads somewhere, every page is in
// the sidebar. The code blocks of the pages are held by `npm test` (packages/cli/test/docs.test.ts).

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
let passed = 0
let failed = 0

function check(name: string, findings: readonly string[]): void {
  if (findings.length === 0) passed += 1
  else failed += 1
  process.stdout.write(`${findings.length === 0 ? 'ok  ' : 'FAIL'} ${name}\n`)
  for (const finding of findings) process.stdout.write(`     ${finding}\n`)
}

const stale = 'is not what the code says: npm run docs:generate'
check(
  'the reference of module.yaml',
  read('docs/reference/module-yaml.md') === moduleReference()
    ? []
    : [`docs/reference/module-yaml.md ${stale}`],
)
const schema = JSON.parse(read('packages/engine/module.schema.json')) as unknown
check(
  'the JSON Schema of module.yaml',
  JSON.stringify(schema) === JSON.stringify(moduleJsonSchema())
    ? []
    : [`packages/engine/module.schema.json ${stale}`],
)
check('every page has its place', unlistedPages())
try {
  const { folder, pages, warnings } = await buildSite()
  check('doc comments', warnings)
  check(`${pages} pages`, pages > 20 ? [] : ['far too few'])
  check('links and anchors', brokenLinks(folder))
} catch (error) {
  check('the site builds', [error instanceof Error ? error.message : String(error)])
}
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
