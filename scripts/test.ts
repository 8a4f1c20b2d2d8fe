// All tests, in three runs: `fast` (needs Node alone), `real` (starts Kafka and function servers of other SDKs: needs
// Java 17 or newer, Maven to fetch their archives once, Python 3 with pip), and `e2e`, the gate: in-process, then on real
// parts with both engines (needs what `real` needs).
//
// A fourth, `kind`, is run only when it is named: faults in the function image on a cluster of kind (needs what the gate's topology
// `kind` needs, and takes the cluster that `npm run e2e -- --topology kind --keep` left).
//
//   npm test                       all three
//   npm test -- fast               one of them
//   npm test -- real kafka         more arguments go to Vitest: here a filter on file names
//   npm test -- e2e --tags kafka   or to the gate
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { addTallies, closingLines, gateTallyOf, type Tally, tallyOf } from './test-tally.ts'

const PROJECTS = ['fast', 'real']
const NAMED_ONLY = ['kind']
const E2E = 'e2e'
/** The runs of the gate, by their arguments. */
const GATE_RUNS = [
  ['--topology', 'embedded'],
  ['--topology', 'process', '--engine', 'both'],
]
const ROOT = dirname(import.meta.dirname)
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

let interrupted = false

async function runProject(project: string, args: readonly string[], reportFile: string): Promise<Tally> {
  const code = await run([
    VITEST,
    'run',
    `--project=${project}`,
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
    ...args,
  ])
  return tallyOf(project, read(reportFile), code)
}

async function runGate(args: readonly string[], reportFile: string): Promise<Tally> {
  const app = ['--root', '.', '--config', join('e2e', 'app', 'statefun.config.ts')]
  const code = await run([
    join(ROOT, 'packages', 'cli', 'src', 'main.ts'),
    'e2e',
    ...app,
    ...args,
    '--json',
    reportFile,
  ])
  return gateTallyOf(`e2e ${args.join(' ')}`, read(reportFile), code)
}

/** Runs Node with arguments; settles with its exit code, null when a signal ended it. */
function run(args: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] })
  const pass = (signal: NodeJS.Signals) => {
    interrupted = true
    // A terminal's Ctrl-C reaches the child by itself, and a second one would end it before its teardown.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  process.on('SIGINT', pass).on('SIGTERM', pass)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      process.off('SIGINT', pass).off('SIGTERM', pass)
      resolve(code)
    })
  })
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const args = process.argv.slice(2)
const named = [...PROJECTS, ...NAMED_ONLY, E2E].find((name) => args[0] === name)
const more = named === undefined ? args : args.slice(1)
const projects =
  named === undefined ? PROJECTS : [...PROJECTS, ...NAMED_ONLY].filter((each) => each === named)
// Arguments that name no run are Vitest's.
const gateRuns = named === E2E || args.length === 0 ? GATE_RUNS : []
const folder = mkdtempSync(join(tmpdir(), 'statefun-test-'))
const tallies: Tally[] = []
try {
  for (const project of projects) {
    if (interrupted) break
    tallies.push(await runProject(project, more, join(folder, `${project}.json`)))
  }
  for (const [index, gateArgs] of gateRuns.entries()) {
    if (interrupted) break
    console.log(`\ne2e ${gateArgs.join(' ')}`)
    tallies.push(await runGate([...gateArgs, ...more], join(folder, `e2e-${index}.json`)))
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const total = addTallies(tallies)
if (total.passed + total.failed === 0) console.error('no test ran: check the filter')
console.log(closingLines(total).join('\n'))
process.exitCode = interrupted ? 130 : total.failed > 0 || total.passed === 0 ? 1 : 0
