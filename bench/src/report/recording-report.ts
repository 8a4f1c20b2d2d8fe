import { formatTable } from './format-table.ts'
import { currentLoad, describeMachine, type Machine } from './machine.ts'
import { round } from './numbers.ts'
import type { Goal, Json, Report, Row } from './report.ts'

/** The content of `bench/results/<name>.json`. */
export interface BenchResult {
  readonly bench: string
  readonly options: Readonly<Record<string, number | string | boolean>>
  readonly machine: Machine
  readonly seconds: number
  readonly loadAtEnd: number
  readonly remarks: readonly string[]
  readonly tables: Readonly<Record<string, readonly Row[]>>
  readonly values: Readonly<Record<string, Json>>
  readonly goals: readonly (Goal & { readonly met: boolean })[]
}

/** A report that prints as it goes and can be asked for everything it was told. */
export class RecordingReport implements Report {
  readonly #bench: string
  readonly #options: BenchResult['options']
  readonly #print: { out(text: string): void; progress(text: string): void }
  readonly #machine = describeMachine()
  readonly #started = performance.now()
  readonly #remarks: string[] = []
  readonly #tables: Record<string, readonly Row[]> = {}
  readonly #values: Record<string, Json> = {}
  readonly #goals: (Goal & { readonly met: boolean })[] = []

  constructor(
    bench: string,
    options: BenchResult['options'],
    print: { out(text: string): void; progress(text: string): void },
  ) {
    this.#bench = bench
    this.#options = options
    this.#print = print
    const machine = this.#machine
    print.progress(
      `${bench}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, load ${machine.loadAtStart}`,
    )
  }

  note(text: string): void {
    this.#print.progress(`  ${text}`)
  }

  table(title: string, rows: readonly Row[]): void {
    this.#tables[title] = rows
    this.#print.out(`\n${title}\n${formatTable(rows)}\n`)
  }

  value(name: string, value: Json): void {
    this.#values[name] = value
  }

  remark(text: string): void {
    this.#remarks.push(text)
    this.#print.out(`note: ${text}`)
  }

  goal(goal: Goal): void {
    const met = goal.want === 'atLeast' ? goal.actual >= goal.limit : goal.actual < goal.limit
    this.#goals.push({ ...goal, met })
    const sign = goal.want === 'atLeast' ? '>=' : '<'
    this.#print.out(
      `goal ${met ? 'met   ' : 'MISSED'} ${goal.name}: ${round(goal.actual)} ${goal.unit} (want ${sign} ${goal.limit} ${goal.unit})`,
    )
  }

  /** Everything so far, with the seconds since the report was made. */
  result(): BenchResult {
    return {
      bench: this.#bench,
      options: this.#options,
      machine: this.#machine,
      seconds: round((performance.now() - this.#started) / 1000),
      loadAtEnd: currentLoad(),
      remarks: this.#remarks,
      tables: this.#tables,
      values: this.#values,
      goals: this.#goals,
    }
  }
}
