import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import { lockFolder } from './file-lock.ts'
import { FRAME_HEADER_BYTES, type Frame, FrameKind, frameHeader, nextFrame, readFrame } from './frame.ts'
import type { BaseWriter, CheckpointIdentity, CheckpointStorage, RecoveryReport } from './storage.ts'

/** Raised when files of an earlier release can no longer be read. */
const FORMAT = 1

/*
  folder => lock log-<first epoch>.sflog* base-<epoch>.sfbase*
    log-N   header frame, then the epochs from N on, one frame each
    base-N  header frame, base chunks, base end; together with the logs from N on it is the whole state
*/
const LOG = /^log-(\d{16})\.sflog$/
const BASE = /^base-(\d{16})\.sfbase$/

/** Checkpoints in a folder of a local file system. An epoch is durable after `fdatasync`. */
export class FileStorage implements CheckpointStorage {
  readonly #folder: string
  identity: CheckpointIdentity
  #release: (() => Promise<void>) | undefined
  #report: RecoveryReport | undefined
  #segment: FileHandle | undefined
  logBytes = 0
  baseBytes = 0

  /** @param app a folder serves one app; another one's is refused */
  constructor(folder: string, app: string) {
    this.#folder = folder
    this.identity = { app, lineage: randomUUID(), parent: undefined }
  }

  async open(report: RecoveryReport): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    this.#release = await lockFolder(this.#folder)
    this.#report = report
  }

  async *recover(): AsyncIterable<Frame> {
    const { logs, bases } = await this.#list()
    const base = bases.at(-1)
    if (base !== undefined) {
      const path = this.#path('base', base)
      const file = await this.#read(path)
      this.baseBytes = file.length
      let ended = false
      for (const frame of this.#frames(path, file, false)) {
        if (frame.kind === FrameKind.baseEnd) ended = true
        else if (frame.kind === FrameKind.baseChunk) yield frame
      }
      if (!ended) throw corrupt(path, file.length, 'the snapshot ends too early')
    }
    const replayed = logs.filter((first) => base === undefined || first >= base)
    if (base !== undefined && replayed.length === 0) {
      throw corrupt(
        this.#path('log', base),
        0,
        'the change log that belongs to the newest snapshot is missing',
      )
    }
    for (const [index, first] of replayed.entries()) {
      const path = this.#path('log', first)
      const file = await this.#read(path)
      this.logBytes += file.length
      const frames = this.#frames(path, file, index === replayed.length - 1)
      for (const frame of frames) if (frame.kind === FrameKind.epoch) yield frame
    }
  }

  async append(epoch: number, payload: Uint8Array): Promise<void> {
    this.#segment ??= await this.#startSegment(epoch)
    const header = frameHeader(FrameKind.epoch, payload)
    await writeAll(this.#segment, [header, payload])
    await this.#segment.datasync()
    this.logBytes += FRAME_HEADER_BYTES + payload.length
  }

  async beginBase(epoch: number): Promise<BaseWriter> {
    // The snapshot and the epochs after it are replayed together, so those start in a file of their own.
    await this.#segment?.close()
    this.#segment = await this.#startSegment(epoch)
    this.logBytes = 0
    const target = this.#path('base', epoch)
    const temporary = `${target}.tmp`
    const handle = await open(temporary, 'w')
    let bytes = await this.#writeHeader(handle)
    return {
      write: async (chunk) => {
        await writeAll(handle, [frameHeader(FrameKind.baseChunk, chunk), chunk])
        bytes += FRAME_HEADER_BYTES + chunk.length
      },
      publish: async () => {
        const end = Buffer.alloc(0)
        await writeAll(handle, [frameHeader(FrameKind.baseEnd, end)])
        await handle.sync()
        await handle.close()
        await rename(temporary, target)
        await this.#syncFolder()
        this.baseBytes = bytes
        await this.#removeBefore(epoch)
      },
      abort: async () => {
        await handle.close().catch(() => undefined)
        // What is left behind is removed by the next recovery.
        await rm(temporary, { force: true }).catch(() => undefined)
      },
    }
  }

  async close(): Promise<void> {
    await this.#segment?.close()
    this.#segment = undefined
    await this.#release?.()
    this.#release = undefined
  }

  async #list(): Promise<{ logs: number[]; bases: number[] }> {
    const logs: number[] = []
    const bases: number[] = []
    for (const name of await readdir(this.#folder)) {
      const log = LOG.exec(name)
      const base = BASE.exec(name)
      if (log !== null) logs.push(Number(log[1]))
      else if (base !== null) bases.push(Number(base[1]))
      else if (name.endsWith('.tmp')) await rm(join(this.#folder, name), { force: true })
    }
    return { logs: logs.sort((a, b) => a - b), bases: bases.sort((a, b) => a - b) }
  }

  async #read(path: string): Promise<Buffer> {
    return await readFile(path)
  }

  /** The frames of a file; a torn tail is cut off where one may be, anything else that cannot be read is an error. */
  *#frames(path: string, file: Buffer, mayBeTorn: boolean): Generator<Frame> {
    let offset = 0
    while (offset < file.length) {
      const frame = readFrame(file, offset)
      if (frame === undefined) {
        if (!mayBeTorn || nextFrame(file, offset) !== undefined)
          throw corrupt(path, offset, 'a checksum does not match')
        this.#torn.push({ path, offset, bytes: file.length - offset })
        return
      }
      if (offset === 0) this.#checkHeader(path, frame)
      yield frame
      offset += FRAME_HEADER_BYTES + frame.payload.length
    }
  }

  readonly #torn: { path: string; offset: number; bytes: number }[] = []

  async #startSegment(epoch: number): Promise<FileHandle> {
    for (const { path, offset, bytes } of this.#torn.splice(0)) {
      this.#report?.tornTail(path, offset, bytes)
      if (offset === 0) await rm(path)
      else await truncateDurably(path, offset)
    }
    const handle = await open(this.#path('log', epoch), 'w')
    await this.#writeHeader(handle)
    await handle.sync()
    await this.#syncFolder()
    return handle
  }

  async #writeHeader(handle: FileHandle): Promise<number> {
    const payload = Buffer.from(JSON.stringify({ format: FORMAT, ...this.identity }))
    await writeAll(handle, [frameHeader(FrameKind.header, payload), payload])
    return FRAME_HEADER_BYTES + payload.length
  }

  #checkHeader(path: string, frame: Frame): void {
    if (frame.kind !== FrameKind.header) throw corrupt(path, 0, 'the file has no header')
    const { format, app, lineage, parent } = JSON.parse(frame.payload.toString()) as {
      format: number
      app: string
      lineage?: string
      parent?: CheckpointIdentity['parent']
    }
    if (format > FORMAT) {
      throw new StatefunError(
        'SF_CHECKPOINT_FOREIGN',
        `the checkpoint has format ${format}, this release reads up to ${FORMAT}`,
        {
          where: path,
          hint: 'start it with the release that wrote it, or a newer one',
        },
      )
    }
    if (app !== this.identity.app) {
      throw new StatefunError(
        'SF_CHECKPOINT_FOREIGN',
        `the checkpoint belongs to the app "${app}", this is "${this.identity.app}"`,
        {
          where: path,
          hint: 'give each app a checkpoint folder of its own (checkpoint.dir)',
        },
      )
    }
    // Files of the first format do not say: one that the next ones will.
    if (lineage !== undefined) this.identity = { app, lineage, parent }
  }

  async #removeBefore(epoch: number): Promise<void> {
    const { logs, bases } = await this.#list()
    for (const first of logs) if (first < epoch) await rm(this.#path('log', first))
    for (const base of bases) if (base < epoch) await rm(this.#path('base', base))
  }

  /** A new or renamed file is only there after a crash when its folder was synced, too. */
  async #syncFolder(): Promise<void> {
    const handle = await open(this.#folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  #path(kind: 'log' | 'base', epoch: number): string {
    return join(this.#folder, `${kind}-${String(epoch).padStart(16, '0')}.sf${kind}`)
  }
}

/** Cuts a file for good: a torn tail that came back behind the next segment would be damage in the middle of the log. */
async function truncateDurably(path: string, bytes: number): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await handle.truncate(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function writeAll(handle: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  const total = parts.reduce((sum, part) => sum + part.length, 0)
  const { bytesWritten } = await handle.writev(parts as Uint8Array[])
  if (bytesWritten === total) return
  // A short write: what is left goes out piece by piece.
  const rest = Buffer.concat(parts).subarray(bytesWritten)
  for (let at = 0; at < rest.length; ) at += (await handle.write(rest, at)).bytesWritten
}

function corrupt(path: string, offset: number, what: string): StatefunError {
  return new StatefunError('SF_CHECKPOINT_CORRUPT', `the checkpoint is damaged: ${what}`, {
    where: `${path} at byte ${offset}`,
    hint: 'restore the folder from a copy; to give up its state and begin anew, move the folder away',
  })
}
