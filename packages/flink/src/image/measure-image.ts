import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import { StatefunError } from '@statefun/protocol'
import type { ContainerEngine } from '../container/container-engine.ts'

const READY_MS = 60_000
const POLL_MS = 50

/** One start of a function image. */
export interface ImageStart {
  /** Milliseconds from the start of the process to its line that it serves. */
  readonly ready: number
  /** Milliseconds of CPU of the process until it was looked at, soon after that; absent where the engine is on another machine. */
  readonly cpu?: number
  /** Bytes of memory of the process alone, and of files, which pods of one node share; absent as `cpu` is. */
  readonly memory?: { readonly own: number; readonly files: number }
}

/**
 * Bytes that a node pulls of an image: all its layers, compressed with gzip.
 *
 * @throws StatefunError `SF_CONTAINER_COMMAND` when there is no such image
 */
export async function imagePullSize(engine: ContainerEngine, tag: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'statefun-image-'))
  try {
    const path = join(folder, 'image.tar')
    await engine.run(['save', '--output', path, tag])
    let bytes = 0
    await pipeline(createReadStream(path), createGzip(), async (packed: AsyncIterable<Buffer>) => {
      for await (const chunk of packed) bytes += chunk.length
    })
    return bytes
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Starts an image of functions once, as a pod runs it, and ends it again.
 *
 * @throws StatefunError `SF_CONTAINER_COMMAND`, `SF_IMAGE_START` when it does not serve
 */
export async function startFunctionImage(engine: ContainerEngine, tag: string): Promise<ImageStart> {
  const id = (await engine.run(['run', '--detach', '--read-only', '--cap-drop', 'ALL', tag])).trim()
  try {
    const serving = await servingSince(engine, tag, id)
    const state = await engine.run(['inspect', '--format', '{{.State.Pid}} {{.State.StartedAt}}', id])
    const [pid, startedAt] = state.trim().split(' ')
    return { ready: serving - Date.parse(startedAt ?? ''), ...(await processFacts(pid ?? '')) }
  } finally {
    await engine.run(['rm', '--force', id])
  }
}

async function processFacts(pid: string): Promise<Pick<ImageStart, 'cpu' | 'memory'>> {
  try {
    const [status, stat] = await Promise.all(
      ['status', 'stat'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')),
    )
    const bytes = (field: string) =>
      1024 * Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status ?? '')?.[1] ?? 0)
    // Fields 14 and 15, in hundredths of a second; the name in field 2 may hold blanks.
    const [user = 0, system = 0] = (stat ?? '')
      .slice((stat ?? '').lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number)
    return {
      cpu: (user + system) * 10,
      memory: { own: bytes('RssAnon') + bytes('RssShmem'), files: bytes('RssFile') },
    }
  } catch {
    // Containers of this engine are no processes of this machine.
    return {}
  }
}

/** Milliseconds since the epoch, by the server's own log. */
async function servingSince(engine: ContainerEngine, tag: string, id: string): Promise<number> {
  const deadline = performance.now() + READY_MS
  for (;;) {
    let logged = ''
    await engine.run(['logs', id], { onLine: (line) => (logged += `${line}\n`) })
    const line = logged.split('\n').find((text) => text.includes('serving functions'))
    if (line !== undefined) return Date.parse((JSON.parse(line) as { readonly time: string }).time)
    if (performance.now() > deadline) {
      throw new StatefunError('SF_IMAGE_START', `the image ${tag} does not serve functions`, {
        excerpt: logged,
      })
    }
    await sleep(POLL_MS)
  }
}
