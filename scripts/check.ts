import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkoutFiles } from './check/checkout-files.ts'
import { checkDependencyDirection } from './check/dependency-direction.ts'
import { checkInstallScripts, type LockFile } from './check/install-scripts.ts'
import { checkPackageExports } from './check/package-exports.ts'
import { checkPackedInstall } from './check/packed-install.ts'
import { type Packed, packPackages } from './check/packed-package.ts'
import { runSteps, textScreen } from './check/run-steps.ts'
import { checkSourceFiles } from './check/source-files.ts'
import type { Step } from './check/step.ts'
import { toolStep } from './check/tool-step.ts'
import { checkWords } from './check/words.ts'
import { publishable, ROOT, readManifest, readWorkspaces } from './workspace.ts'

// `npm run check`: everything that must hold before a change is handed in, besides the tests.
// `npm run check -- types words` runs only the steps whose names contain one of the words.

const workspaces = readWorkspaces(ROOT)
const files = checkoutFiles(ROOT)
const published = publishable(workspaces)
let packed: Packed | undefined

const steps: readonly Step[] = [
  toolStep('format and lint', '@biomejs/biome', 'biome', (color) => [
    'check',
    '--error-on-warnings',
    '--diagnostic-level=warn',
    `--colors=${color ? 'force' : 'off'}`,
    '.',
  ]),
  toolStep('types', 'typescript', 'tsc', (color) => ['-p', '.', '--pretty', String(color)]),
  {
    name: 'dependency direction',
    run: async () =>
      checkDependencyDirection({
        files,
        workspaces,
        rootDevDependencies: Object.keys(readManifest(ROOT).devDependencies ?? {}),
      }),
  },
  { name: 'source files', run: async () => checkSourceFiles(files) },
  { name: 'words', run: async () => checkWords(files) },
  { name: 'install scripts', run: async () => checkInstallScripts(readLock(), published) },
  {
    name: 'build and pack',
    async run() {
      const { packages, failures } = await pack()
      const summary = `${packages.length} of ${published.length} packages`
      return { summary, findings: [], ...(failures.length === 0 ? {} : { failure: failures.join('\n') }) }
    },
  },
  { name: 'package exports', run: async () => checkPackageExports((await pack()).packages) },
  { name: 'packed install', run: async () => checkPackedInstall((await pack()).packages, published.length) },
]

async function pack(): Promise<Packed> {
  packed ??= await packPackages(ROOT, published)
  return packed
}

function readLock(): LockFile {
  return JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as LockFile
}

const words = process.argv.slice(2)
const chosen = steps.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
if (chosen.length === 0) {
  process.stderr.write(
    `no step is named like ${words.join(', ')}; there are: ${steps.map(({ name }) => name).join(', ')}\n`,
  )
  process.exit(2)
}
const terminal = process.stdout.isTTY === true && process.env.NO_COLOR === undefined
const start = performance.now()
const failed = await runSteps(
  chosen,
  terminal,
  textScreen((text) => process.stdout.write(text), terminal),
)
await packed?.[Symbol.asyncDispose]()
const seconds = ((performance.now() - start) / 1000).toFixed(1)
const verdict =
  failed.length === 0
    ? `check passed: ${chosen.length} steps in ${seconds} s`
    : `check FAILED: ${failed.join(', ')} (${failed.length} of ${chosen.length} steps, ${seconds} s)`
process.stdout.write(`${verdict}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
