// All tests, in two runs: `fast` (needs Node alone), then `real` (starts Kafka and function servers of other SDKs: needs
// Java 17 or newer, Maven to fetch their archives once, Python 3 with pip).
//
//   npm test                       both
//   npm test -- fast               one of them
//   npm test -- real kafka         more arguments go to Vitest: here a filter on file names
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { addTallies, closingLine, type Tally, tallyOf } from './test-tally.ts'

const PROJECTS = ['fast', 'real']
const ROOT = dirname(import.meta.dirname)
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

let interrupted = false

function runProject(project: string, args: readonly string[], reportFile: string): Promise<Tally> {
  const vitest = spawn(
    process.execPath,
    [
      VITEST,
      'run',
      `--project=${project}`,
      '--passWithNoTests',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
      ...args,
    ],
    { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const pass = (signal: NodeJS.Signals) => {
    interrupted = true
    // A terminal's Ctrl-C reaches Vitest by itself, and a second one would end it before its teardown.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) vitest.kill(signal)
  }
  process.on('SIGINT', pass).on('SIGTERM', pass)
  return new Promise((resolve, reject) => {
    vitest.once('error', reject)
    vitest.once('exit', (code) => {
      process.off('SIGINT', pass).off('SIGTERM', pass)
      resolve(tallyOf(read(reportFile), code))
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
const named = PROJECTS.filter((project) => args[0] === project)
const projects = named.length > 0 ? named : PROJECTS
const folder = mkdtempSync(join(tmpdir(), 'statefun-test-'))
const tallies: Tally[] = []
try {
  for (const project of projects) {
    if (interrupted) break
    tallies.push(await runProject(project, args.slice(named.length), join(folder, `${project}.json`)))
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const total = addTallies(tallies)
if (total.passed + total.failed === 0) console.error('no test ran: check the filter')
console.log(closingLine(total))
process.exitCode = interrupted ? 130 : total.failed > 0 || total.passed === 0 ? 1 : 0
