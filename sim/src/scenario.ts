import type { FailurePolicy } from '../../packages/engine/src/module/model.ts'
import type { Expirations } from './functions/answer.ts'
import type { Random } from './random.ts'

/** One function type of a simulated app. */
export interface FunctionSetup {
  readonly name: string
  readonly atOnce: boolean
  readonly policy: FailurePolicy
  readonly maxBatch: number
  readonly concurrency: number
}

/** How one simulation is set up: everything that a seed decides before it begins. */
export interface Scenario {
  readonly storage: 'file' | 'object'
  readonly functions: readonly FunctionSetup[]
  readonly ids: readonly string[]
  readonly partitions: number
  readonly records: number
  readonly spanMs: number
  readonly exactlyOnce: readonly string[]
  readonly atLeastOnce: readonly string[]
  readonly longestDelayMs: number
  readonly deepest: number
  readonly valueBytes: number
  readonly expirations: Expirations
  readonly intervalMs: number
  readonly compactAfterBytes: number
  readonly retain: number
  readonly maxInFlight: number
  readonly maxPendingMessages: number
  readonly transactionTimeoutMs: number
  /** Milliseconds from the beginning on in which things fail. */
  readonly troubleMs: number
  /** Mean milliseconds between two troubles of the same kind; infinite for a kind that does not happen. */
  readonly troubles: Readonly<Record<TroubleKind, number>>
  /** How likely a crash takes the machine's power, too. */
  readonly powerLoss: number
  /** How likely a process dies at a request of its own, instead of at any moment. */
  readonly deathAtRequest: number
  readonly diskLatencyMs: number
  readonly bucketLatencyMs: number
  readonly networkLatencyMs: number
  readonly loss: number
  /** Milliseconds that a call may take with all its repetitions. */
  readonly callMs: number
  readonly poison: number
  /** Undefined: all state in memory. */
  readonly disk: DiskSetup | undefined
}

/** How the disk backend is set up: so small that the few states of a simulation go through everything. */
export interface DiskSetup {
  readonly cacheBytes: number
  readonly segmentBytes: number
  readonly chunkBytes: number
  readonly spareBytes: number
  /** Every read takes its time. */
  readonly patient: boolean
}

export type TroubleKind =
  | 'crash'
  | 'stop'
  | 'freeze'
  | 'second'
  | 'clock'
  | 'disk-full'
  | 'disk-failing'
  | 'disk-slow'
  | 'bucket-away'
  | 'broker-away'
  | 'functions-away'

const RATES: Readonly<Record<TroubleKind, readonly [probability: number, least: number, most: number]>> = {
  crash: [0.9, 50, 800],
  stop: [0.4, 50, 600],
  freeze: [0.4, 50, 500],
  second: [0.5, 50, 500],
  clock: [0.4, 30, 500],
  'disk-full': [0.25, 50, 500],
  'disk-failing': [0.25, 50, 500],
  'disk-slow': [0.3, 50, 500],
  'bucket-away': [0.3, 50, 500],
  'broker-away': [0.5, 30, 400],
  'functions-away': [0.4, 30, 400],
}

/** Draws a scenario. */
export function drawScenario(random: Random): Scenario {
  const names = ['a', 'b', 'c'].slice(0, random.between(1, 3))
  const spanMs = random.scaled(150, 1500)
  const storage = random.chance(0.5) ? 'file' : 'object'
  const troubles = Object.fromEntries(
    Object.entries(RATES).map(([kind, [probability, least, most]]) => [
      kind,
      random.chance(probability) ? random.scaled(least, most) : Number.POSITIVE_INFINITY,
    ]),
  ) as Record<TroubleKind, number>
  return {
    storage,
    functions: names.map((name) => ({
      name,
      atOnce: random.chance(0.3),
      policy: random.chance(0.5) ? { type: 'fail' } : { type: 'park' },
      maxBatch: random.pick([0, 1, 2, 5, 1000]),
      concurrency: random.pick([1, 3, Number.POSITIVE_INFINITY]),
    })),
    ids: Array.from({ length: random.between(2, 10) }, (_, index) => `k${index}`),
    partitions: random.between(1, 2),
    records: random.between(10, 120),
    spanMs,
    exactlyOnce: ['e', 'f'].slice(0, random.between(1, 2)),
    atLeastOnce: ['l'],
    longestDelayMs: random.scaled(5, 2000),
    deepest: random.between(1, 4),
    valueBytes: random.pick([0, 0, 100, 1000]),
    expirations: {
      written: Math.ceil(random.scaled(5, 2000)),
      called: Math.ceil(random.scaled(5, 2000)),
    },
    intervalMs: random.scaled(2, 100),
    compactAfterBytes: Math.floor(random.scaled(100, 20_000)),
    retain: random.between(1, 3),
    maxInFlight: random.pick([0, 0, 2, 8]),
    maxPendingMessages: random.pick([3, 20, 16384]),
    transactionTimeoutMs: random.scaled(50, 2000),
    troubleMs: spanMs * (0.8 + 0.7 * random.float()),
    troubles,
    powerLoss: random.pick([0, 0.5, 1]),
    deathAtRequest: random.pick([0, 0.5, 0.9]),
    bucketLatencyMs: random.scaled(0.1, 10),
    diskLatencyMs: random.scaled(0.01, 3),
    networkLatencyMs: random.scaled(0.1, 10),
    loss: random.chance(0.4) ? 0 : random.scaled(0.005, 0.2),
    callMs: random.scaled(10, 150),
    poison: random.chance(0.35) ? random.scaled(0.005, 0.05) : 0,
    disk: random.chance(0.5)
      ? {
          cacheBytes: random.pick([0, 1500, 8000]),
          segmentBytes: Math.floor(random.scaled(100, 5000)),
          chunkBytes: Math.floor(random.scaled(30, 1000)),
          spareBytes: 0,
          patient: random.chance(0.7),
        }
      : undefined,
  }
}
