import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalStack, startKafka, startLocalStack } from '@statefun/gate'
import { StatefunError } from '@statefun/protocol'
import { type ChaosArgs, parseChaosArgs, usage } from './command-line.ts'
import { Ends } from './ends.ts'
import { type Progress, progressOn } from './report/progress.ts'
import { closingLine, summaryJson, summaryTable } from './report/summary.ts'
import { type Outcome, passed, runFault } from './run-fault.ts'

/**
 * Brokers look for transactions that took too long every 10 s; here every second, so that an outage need only be a little
 * longer than the transaction timeout to have one aborted.
 */
const BROKER = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1_000 }

async function run(args: ChaosArgs, ends: Ends, progress: Progress): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'statefun-chaos-'))
  let stays = args.keep
  ends.add(async () => {
    if (!stays) await rm(folder, { recursive: true, force: true })
  })
  progress.note(`seed ${args.seed}; starting Kafka`)
  const kafka = await startKafka({ config: BROKER })
  ends.add(() => kafka.stop())
  let localStack: Promise<LocalStack> | undefined
  const startS3 = async () => {
    progress.note('starting LocalStack')
    const started = await startLocalStack({ services: ['s3'] })
    ends.add(() => started.stop())
    return started
  }
  const outcomes: Outcome[] = []
  for (const fault of args.faults) {
    const outcome = await runFault(fault, {
      kafka,
      localStack: () => (localStack ??= startS3()),
      plan: { records: args.records, keys: args.keys },
      rate: args.rate,
      times: fault.times,
      delivery: args.delivery,
      seed: args.seed,
      folder: join(folder, fault.name),
      progress,
      ends,
    })
    if (ends.over) break
    outcomes.push(outcome)
    progress.end(
      `${fault.name}: ${passed(outcome) ? 'exact' : 'FAILED'} after ${outcome.seconds.toFixed(1)} s` +
        (outcome.error === undefined ? '' : `\n${outcome.error.format()}`),
    )
    if (!passed(outcome)) stays = true
    else if (!args.keep) await rm(join(folder, fault.name), { recursive: true, force: true })
  }
  if (stays) progress.end(`logs are in ${folder}`)
  return outcomes
}

async function main(argv: readonly string[]): Promise<number> {
  const args = parseChaosArgs(argv, () => randomInt(2 ** 31))
  if (args.help) {
    process.stdout.write(`${usage()}\n`)
    return 0
  }
  await using ends = new Ends()
  const interrupt = (signal: NodeJS.Signals) => {
    process.stderr.write(`\n${signal}: ending everything\n`)
    // Whoever waits for a part of the run waits for ever: nothing of it is of interest any more.
    void ends[Symbol.asyncDispose]().finally(() => process.exit(130))
    process.once(signal, () => process.exit(130))
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const outcomes = await run(args, ends, progressOn(process.stderr))
  process.stdout.write(
    args.json
      ? `${summaryJson(args.seed, outcomes)}\n`
      : `\n${summaryTable(outcomes)}\n\nseed ${args.seed}\n${closingLine(outcomes)}\n`,
  )
  return outcomes.every(passed) ? 0 : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const known = error instanceof StatefunError
  process.stderr.write(
    `${known ? error.format() : (error instanceof Error && error.stack) || String(error)}\n`,
  )
  // 2 = wrong use, 1 = the run itself failed.
  process.exitCode = known && /^SF_CHAOS_(UNKNOWN|FLAG)/.test(error.code) ? 2 : 1
}
