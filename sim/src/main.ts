import { StatefunError } from '@statefun/protocol'
import { parseSimArgs, type SimArgs, USAGE } from './command-line.ts'
import { runSeeds } from './run-seeds.ts'
import { type Outcome, simulate } from './simulation.ts'

/** Lines of a trace that are shown below a violation. */
const SHOWN = 40

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function main(argv: readonly string[]): Promise<number> {
  const args = parseSimArgs(argv)
  if (args.help) {
    print(USAGE)
    return 0
  }
  return args.seed === undefined ? await many(args) : await one(args.seed, args)
}

/** Replays a seed. */
async function one(seed: number, { fault }: SimArgs): Promise<number> {
  const outcome = await simulate(seed, { keepTrace: true, fault })
  for (const line of outcome.trace.lines()) print(line)
  const { steps, virtualMs, incarnations, epochs, violation } = outcome
  print(
    `seed ${seed}: ${steps} steps, ${virtualMs.toFixed(0)} ms of virtual time, ${incarnations} incarnations, ${epochs} epochs`,
  )
  print(violation === undefined ? 'all promises held' : `VIOLATED: ${violation}`)
  return violation === undefined ? 0 : 1
}

async function many({ from, seeds, fault, workers }: SimArgs): Promise<number> {
  const began = performance.now()
  const totals = { steps: 0, virtualMs: 0, incarnations: 0, epochs: 0 }
  const failed: number[] = []
  let done = 0
  let told = began
  await runSeeds({ from, count: seeds, fault, workers }, (outcome) => {
    done++
    totals.steps += outcome.steps
    totals.virtualMs += outcome.virtualMs
    totals.incarnations += outcome.incarnations
    totals.epochs += outcome.epochs
    if (outcome.violation !== undefined) {
      failed.push(outcome.seed)
      // The first one is the one to look at; a planted fault is found by many.
      if (failed.length === 1) report(outcome, fault)
      else print(`seed ${outcome.seed} VIOLATED: ${firstLine(outcome.violation)}`)
    }
    if (performance.now() - told > 10_000) {
      told = performance.now()
      process.stderr.write(`${done} of ${seeds} seeds, ${failed.length} violations\n`)
    }
  })
  const seconds = (performance.now() - began) / 1000
  print(
    `${done} seeds in ${seconds.toFixed(1)} s: ${totals.steps} steps, ${(totals.virtualMs / 3_600_000).toFixed(2)} hours of virtual time, ` +
      `${totals.incarnations} incarnations, ${totals.epochs} epochs; ${failed.length} violations`,
  )
  return failed.length === 0 ? 0 : 1
}

/** What a violation comes with: enough to see it, and how to see all of it. */
function report(
  outcome: Pick<Outcome, 'seed' | 'violation'> & { readonly lines: readonly string[] },
  fault: string | undefined,
): void {
  for (const line of outcome.lines.slice(-SHOWN)) print(line)
  print(`seed ${outcome.seed} VIOLATED: ${outcome.violation}`)
  print(`replay: npm run sim -- --seed ${outcome.seed}${fault === undefined ? '' : ` --fault ${fault}`}`)
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const known = error instanceof StatefunError
  process.stderr.write(`${known ? error.format() : ((error as Error).stack ?? error)}\n`)
  process.exitCode = known && error.code === 'SF_SIM_USAGE' ? 2 : 1
}
