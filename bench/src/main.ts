import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { nearestName, StatefunError } from '@statefun/protocol'
import type { Bench } from './bench.ts'
import { benches } from './benches.ts'
import { parseBenchArgs } from './command-line.ts'
import { RESULTS, updatePerformancePage } from './report/performance-page.ts'
import { RecordingReport } from './report/recording-report.ts'

const USAGE = 'usage: npm run bench -- <name> [flags]     npm run bench -- <name> --help'

async function main(argv: readonly string[]): Promise<void> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h') {
    process.stdout.write(`${await listing()}\n`)
    return
  }
  const load = benches[name]
  if (load === undefined) {
    const near = nearestName(name, Object.keys(benches))
    throw new StatefunError('SF_BENCH_UNKNOWN', `there is no bench "${name}"`, {
      hint: near === undefined ? `there are: ${Object.keys(benches).join(', ')}` : `did you mean ${near}?`,
    })
  }
  const { bench } = await load()
  const { common, args } = parseBenchArgs(rest, bench.options)
  if (common.help) {
    process.stdout.write(`${help(bench)}\n`)
    return
  }
  await run(bench, args, common.json === undefined ? join(RESULTS, `${name}.json`) : resolve(common.json))
  if (common.json === undefined) updatePerformancePage()
}

async function run(bench: Bench, args: Readonly<Record<string, number | string | boolean>>, file: string) {
  const report = new RecordingReport(bench.name, args, {
    out: (text) => process.stdout.write(`${text}\n`),
    progress: (text) => process.stderr.write(`${text}\n`),
  })
  await bench.run(args, report)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(report.result(), null, 2)}\n`)
  process.stdout.write(`kept in ${file}\n`)
}

async function listing(): Promise<string> {
  const loaded = await Promise.all(Object.values(benches).map((load) => load()))
  const lines = loaded.map(({ bench }) => `  ${bench.name.padEnd(16)} ${bench.summary}`)
  return [USAGE, '', ...lines].join('\n')
}

function help(bench: Bench): string {
  const flags = Object.entries(bench.options).map(
    ([name, option]) => `  ${`--${name}`.padEnd(20)} ${option.describe} (default ${option.default})`,
  )
  const json = `  ${'--json'.padEnd(20)} file for the result (default bench/results/${bench.name}.json)`
  return [`${bench.name}: ${bench.summary}`, '', ...flags, json].join('\n')
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  const known = error instanceof StatefunError
  process.stderr.write(
    `${known ? error.format() : (error instanceof Error && error.stack) || String(error)}\n`,
  )
  // 2 = wrong use, 1 = the bench itself failed.
  process.exitCode = known && error.code.startsWith('SF_BENCH_') ? 2 : 1
}
