// The last lines of a CI run: what ran on what, and the sum of tests and gate.
//   node closing-lines.ts <log of npm test> ran <report of the gate on kind> <its exit code>
//   node closing-lines.ts <log of npm test> not-run <why>
import { existsSync, readFileSync } from 'node:fs'
import { closingLines } from '../scripts/closing-lines.ts'

const [log = '', ran, more = '', exitCode] = process.argv.slice(2)
const { lines, failed } = closingLines(
  readFileSync(log, 'utf8'),
  ran === 'ran'
    ? { report: existsSync(more) ? readFileSync(more, 'utf8') : undefined, exitCode: Number(exitCode) }
    : { notRun: more },
)
process.stdout.write(lines.map((line) => `${line}\n`).join(''))
process.exitCode = failed ? 1 : 0
