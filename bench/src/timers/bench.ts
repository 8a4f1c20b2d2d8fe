import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineBench } from '../bench.ts'
import { median, round } from '../report/numbers.ts'
import type { Report, Row } from '../report/report.ts'
import { Child } from './child.ts'
import type { Answer, Request } from './engine-process.ts'
import type { StructureCost } from './structure-process.ts'

const MAX_RSS_MB = 1200
const MAX_PAUSE_MS = 20
const MAX_MICROS = 10
const MIN_RATIO = 0.9
const MAX_RESTORE_SECONDS = 5

export const bench = defineBench({
  name: 'timers',
  summary: 'millions of pending delayed messages: memory, cost, pauses, and what other messages notice',
  options: {
    pending: { default: 5_000_000, describe: 'delayed messages that wait; a fifth of it is measured, too' },
    rounds: { default: 25, describe: 'rounds of other messages with none and with all of them waiting' },
    'round-ms': { default: 400, describe: 'milliseconds per round' },
  },
  async run(args, report) {
    const folder = mkdtempSync(join(tmpdir(), 'statefun-bench-'))
    try {
      await structure(args.pending, report)
      const smaller = Math.ceil(args.pending / 5)
      await using none = await start(join(folder, 'none'))
      const rows: Row[] = []
      {
        await using few = await start(join(folder, 'few'))
        rows.push(...(await life(few, smaller, report)))
        await few.ask({ do: 'stop' })
      }
      await restore(join(folder, 'few'), smaller, report)
      await using many = await start(join(folder, 'many'))
      rows.push(...(await life(many, args.pending, report)))
      report.table('through functions, an epoch every 100 ms on disk', rows)
      await others(none, many, args, report)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    report.remark(
      'Delayed messages of 32 bytes with a token, each under an id of its own, due within an hour or two at random. Costs and pauses are CPU time of the thread that everything runs on: other work on the machine hardly moves them, and the kernel counts them in steps of up to 4 ms. A pause is the longest time in which the event loop had no turn, checkpoints and garbage collection included.',
    )
  },
})

type EngineChild = Child<Request, Answer>

async function start(dir: string): Promise<EngineChild> {
  const child: EngineChild = new Child('engine-process.ts')
  await child.ask({ do: 'start', dir })
  return child
}

/** The structure alone, without functions and checkpoints. */
async function structure(pending: number, report: Report): Promise<void> {
  report.note(`${pending} in the structure alone`)
  await using child = new Child<number, StructureCost>('structure-process.ts')
  const { add, cancel, fire, bytesEach } = await child.ask(pending)
  report.table('the structure alone, CPU us each', [
    {
      pending,
      add: round(add),
      cancel: round(cancel),
      fire: round(fire),
      'bytes each': Math.round(bytesEach),
    },
  ])
  for (const [name, actual] of Object.entries({ add, cancel, fire }))
    report.goal({ name: `${name} one of ${pending}`, actual, limit: MAX_MICROS, want: 'below', unit: 'us' })
}

/** Sets `pending` delayed messages by as many records, then cancels some and lets some become due. */
async function life(child: EngineChild, pending: number, report: Report): Promise<Row[]> {
  const part = Math.ceil(pending / 25)
  report.note(`${pending} pending: setting them`)
  const set = await child.ask({ do: 'set', from: 0, count: pending })
  const { rssMb, heapMb } = await child.ask({ do: 'memory' })
  report.note(`${pending} pending: cancelling and delivering ${part}`)
  const cancelled = await child.ask({ do: 'cancel', from: 0, count: part })
  await child.ask({ do: 'set-near', from: 0, count: part })
  const fired = await child.ask({ do: 'fire', count: part })
  report.goal({
    name: `memory, ${pending} pending`,
    actual: Math.round(rssMb),
    limit: MAX_RSS_MB,
    want: 'below',
    unit: 'MB',
  })
  const phases = { set, cancelled, delivered: fired }
  for (const [name, { longestCpuMs }] of Object.entries(phases)) {
    report.goal({
      name: `longest pause, ${pending} pending, while some are ${name}`,
      actual: round(longestCpuMs),
      limit: MAX_PAUSE_MS,
      want: 'below',
      unit: 'ms',
    })
  }
  return Object.entries(phases).map(([what, cost]) => ({
    pending,
    what,
    messages: cost.messages,
    'CPU us each': round((cost.cpuMs * 1000) / cost.messages),
    'longest pause ms': round(cost.longestCpuMs),
    'by the clock ms': round(cost.longestWallMs),
    'RSS MB': Math.round(rssMb),
    'JS heap MB': Math.round(heapMb),
  }))
}

/** The same checkpoint in a new process. */
async function restore(dir: string, pending: number, report: Report): Promise<void> {
  report.note(`${pending} pending: restoring them`)
  await using child: EngineChild = new Child('engine-process.ts')
  const { wallMs, cpuMs } = await child.ask({ do: 'start', dir })
  const { rssMb, heapMb } = await child.ask({ do: 'memory' })
  report.table('restore', [
    {
      pending,
      seconds: round(wallMs / 1000),
      'CPU s': round(cpuMs / 1000),
      'RSS MB': Math.round(rssMb),
      'JS heap MB': Math.round(heapMb),
    },
  ])
  report.goal({
    name: `restore of ${pending} pending, CPU`,
    actual: round(cpuMs / 1000),
    limit: MAX_RESTORE_SECONDS,
    want: 'below',
    unit: 's',
  })
}

/** Other messages, in turn with none and with all waiting, so that what else the machine does hits both. */
async function others(
  none: EngineChild,
  many: EngineChild,
  args: { readonly rounds: number; readonly 'round-ms': number; readonly pending: number },
  report: Report,
): Promise<void> {
  const ms = args['round-ms']
  const measured = new Map<EngineChild, Answer[]>([
    [none, []],
    [many, []],
  ])
  report.note('other messages, with none and with all waiting')
  for (const child of measured.keys()) await child.ask({ do: 'plain', ms })
  for (let i = 0; i < args.rounds; i++)
    for (const [child, answers] of measured) answers.push(await child.ask({ do: 'plain', ms }))
  const perSecond = (child: EngineChild) =>
    median(measured.get(child)!.map(({ messages, cpuMs }) => (messages / cpuMs) * 1000))
  const longest = (child: EngineChild) =>
    Math.max(...measured.get(child)!.map(({ longestCpuMs }) => longestCpuMs))
  report.table(
    'other messages',
    [none, many].map((child) => ({
      pending: child === none ? 0 : args.pending,
      'messages per CPU s': Math.round(perSecond(child)),
      'messages/s': Math.round(
        median(measured.get(child)!.map(({ messages, wallMs }) => (messages / wallMs) * 1000)),
      ),
      'longest pause ms': round(longest(child)),
    })),
  )
  // Round by round: the two of a pair met the same machine.
  const rate = ({ messages, cpuMs }: Answer) => messages / cpuMs
  const before = measured.get(none)!
  const ratio = median(measured.get(many)!.map((answer, i) => rate(answer) / rate(before[i]!)))
  report.value('other messages, all waiting / none waiting', round(ratio))
  report.goal({
    name: 'other messages, all waiting / none waiting',
    actual: ratio,
    limit: MIN_RATIO,
    want: 'atLeast',
    unit: 'x',
  })
  report.goal({
    name: `longest pause, other messages, ${args.pending} pending`,
    actual: round(longest(many)),
    limit: MAX_PAUSE_MS,
    want: 'below',
    unit: 'ms',
  })
}
