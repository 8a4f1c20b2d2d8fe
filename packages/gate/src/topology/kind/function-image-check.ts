import { type ContainerEngine, findContainerEngine, imagePullSize, startFunctionImage } from '@statefun/flink'
import { StatefunError } from '@statefun/protocol'
import type { Measure, RunEvents } from '../../run/run-events.ts'
import type { RunObserver } from '../../run/run-observer.ts'
import { FUNCTION_IMAGE, kindOptions } from './kind-options.ts'

/** Below this many MB a node pulls the image: more fails the run. */
const PULL_MB = 45
/** Below this many seconds it starts. A machine with other work to do misses that at times: it is only warned about. */
const START_SECONDS = 0.5
/** The fastest of them counts, as others may have been held up. */
const STARTS = 3

const WHAT = 'function image'

/** How an image is measured; tests of the check have their own. */
export interface ImageMeasurer {
  /** Bytes, uncompressed. */
  size(): Promise<number>
  /** Bytes that a node pulls. */
  pullSize(): Promise<number>
  start(): ReturnType<typeof startFunctionImage>
}

/**
 * Measures the function image of a run on kind: its size while the tests run, its start and memory after them, when the
 * machine has time. What it takes is in the report; one that is too big to pull fails the run.
 */
export function functionImageCheck(measurer: ImageMeasurer = ofEngine()): RunObserver {
  let events: RunEvents | undefined
  let sizes: Promise<readonly Measure[]> | undefined
  return {
    begin(context) {
      events = context.events
    },
    deployed({ topology }) {
      if (topology === 'kind') sizes ??= phase('size of the function image', () => measureSizes(measurer))
    },
    async beforeStop() {
      if (sizes === undefined) return
      const starts = await phase('starts of the function image', () => measureStarts(measurer))
      const measures = [...(await sizes), ...starts]
      if (measures.length > 0) events?.emit({ type: 'measured', what: WHAT, measures })
      for (const { value, unit, limit } of measures) {
        if (limit === undefined || value < limit) continue
        if (unit === 'MB') events?.emit({ type: 'error', failure: { message: tooBig(value).format() } })
        else
          events?.emit({
            type: 'note',
            level: 'warn',
            text: `the function image starts in ${value.toFixed(2)} s, the goal is ${limit} s`,
          })
      }
    },
  }

  /** What cannot be measured is told, and does not hide a verdict. */
  async function phase(name: string, work: () => Promise<readonly Measure[]>): Promise<readonly Measure[]> {
    events?.emit({ type: 'phase-begin', phase: name, after: [] })
    const began = performance.now()
    const seconds = () => (performance.now() - began) / 1000
    try {
      const measures = await work()
      events?.emit({ type: 'phase-end', phase: name, seconds: seconds() })
      return measures
    } catch (error) {
      events?.emit({
        type: 'phase-end',
        phase: name,
        seconds: seconds(),
        error: StatefunError.from(error).format(),
      })
      return []
    }
  }
}

function tooBig(megabytes: number): StatefunError {
  return new StatefunError(
    'SF_GATE_IMAGE_SIZE',
    `a node pulls ${megabytes.toFixed(1)} MB for the function image, which is to be below ${PULL_MB} MB`,
    {
      where: FUNCTION_IMAGE,
      hint: 'see what came into it: docker history, and the imports of the functions',
    },
  )
}

async function measureSizes(image: ImageMeasurer): Promise<readonly Measure[]> {
  const [size, pull] = await Promise.all([image.size(), image.pullSize()])
  return [
    { name: 'size', value: size / 1e6, unit: 'MB' },
    { name: 'pull', value: pull / 1e6, unit: 'MB', limit: PULL_MB },
  ]
}

async function measureStarts(image: ImageMeasurer): Promise<readonly Measure[]> {
  const starts = []
  while (starts.length < STARTS) starts.push(await image.start())
  const [best] = starts.toSorted((a, b) => a.ready - b.ready)
  if (best === undefined) return []
  const { ready, cpu, memory } = best
  return [
    { name: 'start', value: ready / 1000, unit: 's', limit: START_SECONDS },
    ...(cpu === undefined ? [] : [{ name: 'CPU of a start', value: cpu / 1000, unit: 's' } as const]),
    ...(memory === undefined
      ? []
      : ([
          { name: 'memory of its own', value: memory.own / 1e6, unit: 'MB' },
          { name: 'memory of files', value: memory.files / 1e6, unit: 'MB' },
        ] as const)),
  ]
}

function ofEngine(): ImageMeasurer {
  let found: Promise<ContainerEngine> | undefined
  const engine = () => {
    found ??= findContainerEngine(kindOptions().engine)
    return found
  }
  return {
    async size() {
      return Number(await (await engine()).run(['image', 'inspect', '--format', '{{.Size}}', FUNCTION_IMAGE]))
    },
    pullSize: async () => imagePullSize(await engine(), FUNCTION_IMAGE),
    start: async () => startFunctionImage(await engine(), FUNCTION_IMAGE),
  }
}
