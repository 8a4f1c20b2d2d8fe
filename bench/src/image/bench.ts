import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  bundleServer,
  type ContainerEngine,
  findContainerEngine,
  IMAGE_TEMPLATE,
  type ImageStart,
  imagePullSize,
  NODE_IMAGE,
  prefixFromEnvironment,
  startFunctionImage,
  writeBuildContext,
} from '@statefun/flink'
import { defineBench } from '../bench.ts'
import { WAYS, type Way, writeContext } from './ways.ts'

const CONFIG = join(import.meta.dirname, '../../../examples/counter/statefun.config.ts')
const OURS = 'stripped node (ours)'

/** What was measured of a way. Sizes are bytes, times milliseconds. */
interface Measured {
  readonly size: number
  readonly pull: number
  readonly starts: readonly ImageStart[]
}

export const bench = defineBench({
  name: 'image',
  summary:
    'ways to put Node and functions into an image: size, pull, start, memory (needs a container engine, Linux)',
  options: {
    starts: { default: 5, describe: 'starts of each image' },
    ways: { default: '', describe: 'parts of the names of ways, separated by commas; all when empty' },
  },
  async run({ starts, ways }, report) {
    const engine = await findContainerEngine()
    const wanted = ways.split(',').filter((part) => part !== '')
    const chosen = WAYS.filter(
      ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
    )
    const results = new Map<string, Measured>()
    for (const way of chosen) {
      report.note(way.name)
      results.set(way.name, await measure(engine, way, starts))
    }
    report.table(
      'ways',
      [...results].map(([name, { size, pull, starts }]) => ({
        way: name,
        'size (MB)': megabytes(size),
        'pull (MB)': megabytes(pull),
        'start, median (ms)': median(starts.map(({ ready }) => ready)),
        'start, CPU (ms)': median(starts.map(({ cpu = 0 }) => cpu)),
        'memory of its own (MB)': Math.round(median(starts.map(({ memory }) => memory?.own ?? 0)) / 1e6),
        'memory of files (MB)': Math.round(median(starts.map(({ memory }) => memory?.files ?? 0)) / 1e6),
      })),
    )
    const ours = results.get(OURS)
    if (ours === undefined) return
    report.goal({ name: 'uncompressed', actual: megabytes(ours.size), limit: 80, want: 'below', unit: 'MB' })
    report.goal({ name: 'pull', actual: megabytes(ours.pull), limit: 45, want: 'below', unit: 'MB' })
    report.goal({
      name: 'start',
      actual: median(ours.starts.map(({ ready }) => ready)),
      limit: 500,
      want: 'below',
      unit: 'ms',
    })
    report.remark(
      'Start: from the container\'s process to its line "serving functions". Pull: all layers with gzip. Memory of files is shared by all pods of a node.',
    )
  },
})

async function measure(engine: ContainerEngine, way: Way, starts: number): Promise<Measured> {
  const tag = `statefun-bench-image:${way.name.replaceAll(/[^a-z]+/g, '-').replace(/-$/, '')}`
  const folder = await mkdtemp(join(tmpdir(), 'statefun-bench-image-'))
  try {
    const bundle = await bundleServer(CONFIG)
    await writeBuildContext(folder, bundle)
    await writeContext(way, folder, await readFile(join(IMAGE_TEMPLATE, 'Dockerfile'), 'utf8'), bundle.code)
    const args = [`IMAGE_REGISTRY_PREFIX=${prefixFromEnvironment()}`, `NODE_IMAGE=${NODE_IMAGE}`]
    await engine.run(['build', ...args.flatMap((arg) => ['--build-arg', arg]), '--tag', tag, folder])
    const size = Number(await engine.run(['image', 'inspect', '--format', '{{.Size}}', tag]))
    const pull = await imagePullSize(engine, tag)
    const measured: ImageStart[] = []
    while (measured.length < starts) measured.push(await startFunctionImage(engine, tag))
    return { size, pull, starts: measured }
  } finally {
    await rm(folder, { recursive: true, force: true })
    // Absent when the build failed.
    await engine.run(['image', 'rm', '--force', tag]).catch(() => '')
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10
}
