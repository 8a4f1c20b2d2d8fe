import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeFromFunction } from '@statefun/protocol'
import { defineBench } from '../bench.ts'
import { median, round } from '../report/numbers.ts'
import type { Report } from '../report/report.ts'
import { type Contender, javaSdk, npmPackage, ours } from './contenders.ts'
import { type Measurement, readFrames, writeFrames } from './harness.ts'
import type { HarnessProcess } from './harness-process.ts'
import { type BenchRequest, benchRequests, checkAnswer } from './requests.ts'

const BATCH_SIZES = [1, 20, 200]
/** Different requests, so that nobody answers from what the last one left behind. */
const REQUESTS = 256

/** Medians over the rounds, per invocation. */
interface Score {
  readonly micros: number
  readonly cpuMicros: number
}

/** `npm run bench -- sdk`: our SDK, the Java SDK and the npm package on the same requests, from bytes to bytes. */
export const bench = defineBench({
  name: 'sdk',
  summary: 'SDK handler beside the Java SDK and apache-flink-statefun, batches of 1, 20 and 200',
  options: {
    rounds: { default: 7, describe: 'rounds per SDK and batch size, the median counts' },
    'round-ms': { default: 600, describe: 'milliseconds per round' },
    'warm-up-ms': { default: 2500, describe: 'milliseconds per SDK and batch size before the first round' },
    java: {
      default: true,
      describe: 'compare with the Java SDK (needs a JDK 17 or newer); --no-java leaves it out',
    },
  },
  async run(args, report) {
    const base = ours()
    const others = [npmPackage(), ...(args.java ? [await javaSdk()] : [])]
    const folder = mkdtempSync(join(tmpdir(), 'statefun-bench-'))
    const running = new Map<Contender, HarnessProcess>()
    try {
      for (const contender of [base, ...others]) running.set(contender, contender.start())
      const scores = await compare(running, folder, args, report)
      print(base, others, scores, report)
    } finally {
      for (const harness of running.values()) await harness[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    }
  },
})

type Scores = ReadonlyMap<Contender, ReadonlyMap<number, Score>>

/** One SDK at a time; the rounds of the SDKs take turns, so that what else the machine does hits all of them. */
async function compare(
  running: ReadonlyMap<Contender, HarnessProcess>,
  folder: string,
  args: { readonly rounds: number; readonly 'round-ms': number; readonly 'warm-up-ms': number },
  report: Report,
): Promise<Scores> {
  const scores = new Map([...running.keys()].map((contender) => [contender, new Map<number, Score>()]))
  for (const batchSize of BATCH_SIZES) {
    const measured = new Map<Contender, Measurement[]>()
    for (const [contender, harness] of running) {
      report.note(`batches of ${batchSize}: warming up ${contender.title}`)
      await measure(contender, harness, folder, batchSize, args['warm-up-ms'])
      measured.set(contender, [])
    }
    for (let i = 0; i < args.rounds; i++) {
      for (const [contender, harness] of running) {
        const measurement = await measure(contender, harness, folder, batchSize, args['round-ms'])
        measured.get(contender)?.push(measurement)
      }
    }
    for (const [contender, measurements] of measured) {
      const perInvocation = (nanos: (m: Measurement) => number) =>
        median(measurements.map((m) => nanos(m) / (m.batches * batchSize) / 1000))
      scores.get(contender)?.set(batchSize, {
        micros: perInvocation((m) => m.nanos),
        cpuMicros: perInvocation((m) => m.cpuNanos),
      })
    }
  }
  return scores
}

async function measure(
  contender: Contender,
  harness: HarnessProcess,
  folder: string,
  batchSize: number,
  millis: number,
): Promise<Measurement> {
  const requests = benchRequests(batchSize, REQUESTS, contender.totalType)
  const requestsFile = join(folder, 'requests')
  const answersFile = join(folder, 'answers')
  writeFileSync(requestsFile, writeFrames(requests.map(({ bytes }) => bytes)))
  const measurement = await harness.measure(requestsFile, answersFile, millis)
  checkAnswers(contender, requests, readFrames(readFileSync(answersFile)))
  return measurement
}

function checkAnswers(
  contender: Contender,
  requests: readonly BenchRequest[],
  answers: readonly Uint8Array[],
): void {
  if (answers.length !== requests.length) throw new Error(`${contender.name}: ${answers.length} answers`)
  for (const [index, { total }] of requests.entries()) {
    const answer = answers[index]
    try {
      checkAnswer(decodeFromFunction(answer ?? new Uint8Array()), total, contender.totalType)
    } catch (cause) {
      throw new Error(`${contender.name} answers request ${index} wrongly`, { cause })
    }
  }
}

/** How many times less CPU than `contender` ours needs for an invocation: other work on the machine hardly moves it. */
function cpuRatio(scores: Scores, base: Contender, contender: Contender, batchSize: number): number {
  const cpuMicros = (of: Contender) => scores.get(of)?.get(batchSize)?.cpuMicros ?? Number.NaN
  return cpuMicros(contender) / cpuMicros(base)
}

function print(base: Contender, others: readonly Contender[], scores: Scores, report: Report): void {
  for (const batchSize of BATCH_SIZES) {
    const rows = [base, ...others].map((contender) => {
      const { micros = Number.NaN, cpuMicros = Number.NaN } = scores.get(contender)?.get(batchSize) ?? {}
      return {
        SDK: contender.title,
        'invocations/s': Math.round(1e6 / micros),
        'us each': round(micros),
        'invocations per CPU s': Math.round(1e6 / cpuMicros),
        'CPU us each': round(cpuMicros),
        'ours per core': contender === base ? '' : `${round(cpuRatio(scores, base, contender, batchSize))}x`,
      }
    })
    report.table(`batches of ${batchSize}`, rows)
  }
  for (const contender of others) {
    for (const batchSize of BATCH_SIZES) {
      const name = `ours/${contender.name} per core, batches of ${batchSize}`
      const actual = cpuRatio(scores, base, contender, batchSize)
      report.value(name, round(actual))
      const limit = contender.name === 'npm' ? 3 : 1
      const isGoal = contender.name === 'npm' || batchSize > 1
      if (isGoal) report.goal({ name, actual, limit, want: 'atLeast', unit: 'x' })
    }
  }
  report.remark(
    'From the bytes of a request to the bytes of the answer, no sockets; one SDK at a time, each in a process of its own with one calling thread. CPU time is that of the whole process, compiler and collector included. The npm package has no long: its state is an int of equal value, in requests of its own. Every answer was checked.',
  )
}
