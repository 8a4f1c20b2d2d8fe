// The last lines of a CI run: what ran on what, and the sum of tests and gate.
//   node closing-lines.ts <log of npm test> ran <report of the gate on kind> <its exit code> <log of npm test -- kind>
//   node closing-lines.ts <log of npm test> not-run <why>
import { existsSync, readFileSync } from 'node:fs'
import { closingLines } from '../scripts/closing-lines.ts'

const [log = '', ran, more = '', exitCode, faults = ''] = process.argv.slice(2)
const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
const { lines, failed } = closingLines(
  readFileSync(log, 'utf8'),
  ran === 'ran'
    ? { report: read(more), exitCode: Number(exitCode), faultsLog: read(faults) ?? '' }
    : { notRun: more },
)
process.stdout.write(lines.map((line) => `${line}\n`).join(''))
process.exitCode = failed ? 1 : 0
