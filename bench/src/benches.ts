import type { Bench } from './bench.ts'

/**
 * Every bench by name. Each is loaded only when it is run or listed, so that a broken or heavy one does not stand in the
 * way of the others.
 */
export const benches: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  codec: () => import('./codec/bench.ts'),
  'http-transport': () => import('./http-transport/bench.ts'),
  image: () => import('./image/bench.ts'),
  'kafka-loop': () => import('./kafka-loop/bench.ts'),
  kinesis: () => import('./kinesis/bench.ts'),
  latency: () => import('./latency/bench.ts'),
  peer: () => import('./peer/bench.ts'),
  scale: () => import('./scale/bench.ts'),
  sdk: () => import('./sdk/bench.ts'),
  'state-stores': () => import('./state-stores/bench.ts'),
  throughput: () => import('./throughput/bench.ts'),
  timers: () => import('./timers/bench.ts'),
}
