import type { Report } from './report/report.ts'

/** One `--flag` of a bench; the type of `default` is the type of the value. Booleans default to false. */
export interface BenchOption {
  readonly default: number | string | boolean
  /** One line for `--help`, with the unit: `records to produce`, `seconds per round`. */
  readonly describe: string
}

/** The flags of a bench by name, in kebab-case without the dashes. */
export type BenchOptions = Readonly<Record<string, BenchOption>>

/** The parsed flags: each has the (widened) type of its default. */
export type BenchArgs<O extends BenchOptions> = {
  readonly [K in keyof O]: O[K]['default'] extends number
    ? number
    : O[K]['default'] extends boolean
      ? boolean
      : O[K]['default'] extends string
        ? string
        : number | string | boolean
}

/**
 * A benchmark that `npm run bench -- <name>` runs.
 *
 * It lives in `bench/src/<name>/bench.ts`, is exported there as `bench`, made with {@link defineBench}, and is listed in
 * `bench/src/benches.ts`. `run` prints nothing itself: what people and files get goes through the report. It must stop
 * everything it started, also when it fails, and must check the answers it times, so that no error path is measured.
 */
export interface Bench {
  /** Kebab-case; the name on the command line and of `bench/results/<name>.json`. */
  readonly name: string
  /** One line for the list of benches. */
  readonly summary: string
  readonly options: BenchOptions
  /** @throws whatever went wrong; the run then exits with 1 and keeps no result */
  run(args: BenchArgs<BenchOptions>, report: Report): Promise<void>
}

/**
 * Declares a bench with its flags typed by their defaults.
 *
 * @example
 * export const bench = defineBench({
 *   name: 'latency',
 *   summary: 'end-to-end latency at a fixed rate',
 *   options: { rate: { default: 1000, describe: 'messages per second' } },
 *   async run(args, report) {
 *     report.note(`sending ${args.rate} msg/s`) // args.rate: number
 *     report.table('latency', [{ p50: '1.2 ms', p99: '4.0 ms' }])
 *     report.value('p99Ms', 4.0)
 *     report.goal({ name: 'p99', actual: 4.0, limit: 10, want: 'below', unit: 'ms' })
 *   },
 * })
 */
export function defineBench<const O extends BenchOptions>(bench: {
  readonly name: string
  readonly summary: string
  readonly options: O
  run(args: BenchArgs<O>, report: Report): Promise<void>
}): Bench {
  return bench
}
