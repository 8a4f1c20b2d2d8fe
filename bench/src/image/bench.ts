import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import {
  bundleServer,
  type ContainerEngine,
  findContainerEngine,
  IMAGE_TEMPLATE,
  NODE_IMAGE,
  prefixFromEnvironment,
  writeBuildContext,
} from '@statefun/flink'
import { defineBench } from '../bench.ts'
import { WAYS, type Way, writeContext } from './ways.ts'

const CONFIG = join(import.meta.dirname, '../../../examples/counter/statefun.config.ts')
const READY_MS = 60_000
const OURS = 'stripped node (ours)'

/** What was measured of a way. Sizes are bytes, times milliseconds. */
interface Measured {
  readonly size: number
  readonly pull: number
  readonly starts: readonly Start[]
}

interface Start {
  /** From the start of the process to the line that says it serves. */
  readonly ready: number
  /** Of the process until it was looked at, soon after that. */
  readonly cpu: number
  /** KiB of the process alone, and of files, which pods of one node share. */
  readonly own: number
  readonly file: number
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
        'start, CPU (ms)': median(starts.map(({ cpu }) => cpu)),
        'memory of its own (MB)': Math.round(median(starts.map(({ own }) => own)) / 1000),
        'memory of files (MB)': Math.round(median(starts.map(({ file }) => file)) / 1000),
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
    const pull = await pullSize(engine, tag, join(folder, 'image.tar'))
    const measured: Start[] = []
    while (measured.length < starts) measured.push(await start(engine, tag))
    return { size, pull, starts: measured }
  } finally {
    await rm(folder, { recursive: true, force: true })
    // Absent when the build failed.
    await engine.run(['image', 'rm', '--force', tag]).catch(() => '')
  }
}

async function pullSize(engine: ContainerEngine, tag: string, path: string): Promise<number> {
  await engine.run(['save', '--output', path, tag])
  let bytes = 0
  await pipeline(createReadStream(path), createGzip(), async (packed: AsyncIterable<Buffer>) => {
    for await (const chunk of packed) bytes += chunk.length
  })
  return bytes
}

async function start(engine: ContainerEngine, tag: string): Promise<Start> {
  const id = (await engine.run(['run', '--detach', '--read-only', '--cap-drop', 'ALL', tag])).trim()
  try {
    const serving = await servingSince(engine, id)
    const state = await engine.run(['inspect', '--format', '{{.State.Pid}} {{.State.StartedAt}}', id])
    const [pid, startedAt] = state.trim().split(' ')
    const [status, stat] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ])
    const kib = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    // Fields 14 and 15, in hundredths of a second; the name in field 2 may hold blanks.
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number)
    return {
      ready: serving - Date.parse(startedAt ?? ''),
      cpu: ((user ?? 0) + (system ?? 0)) * 10,
      own: kib('RssAnon') + kib('RssShmem'),
      file: kib('RssFile'),
    }
  } finally {
    await engine.run(['rm', '--force', id])
  }
}

/** Milliseconds since the epoch, by the server's own log. */
async function servingSince(engine: ContainerEngine, id: string): Promise<number> {
  const deadline = performance.now() + READY_MS
  for (;;) {
    let logged = ''
    await engine.run(['logs', id], { onLine: (line) => (logged += `${line}\n`) })
    const line = logged.split('\n').find((text) => text.includes('serving functions'))
    if (line !== undefined) return Date.parse((JSON.parse(line) as { readonly time: string }).time)
    if (performance.now() > deadline) throw new Error(`the server does not start:\n${logged}`)
    await sleep(50)
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10
}
