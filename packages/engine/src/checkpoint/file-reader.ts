import { basename } from 'node:path'
import {
  type CheckpointFiles,
  chainOf,
  checkpointFile,
  corruptFile,
  snapshotEpochs,
} from './checkpoint-files.ts'
import { type CheckpointHeader, decodeBaseEnd, decodeHeader } from './checkpoint-header.ts'
import { readPrologue } from './decode-epoch.ts'
import type { FileSystem, OpenFile } from './file-system.ts'
import { FRAME_MAGIC, FrameKind, readFrame } from './frame.ts'
import { FrameReader } from './frame-reader.ts'
import { type PinnedFiles, pinFiles } from './pinned-files.ts'
import { replayFiles, type Tail } from './replay-files.ts'
import { noEpoch, snapshotFor } from './snapshot-for.ts'
import type {
  CheckpointListing,
  CheckpointReader,
  FramesOptions,
  LocatedFrame,
  LogInfo,
  SnapshotInfo,
} from './storage.ts'

/** Bytes read at once where only the beginnings of frames are looked at. */
const HEADS_BYTES = 64 * 1024

/** Bytes that the last frame of a snapshot fits into. */
const END_BYTES = 256

/** Reads the checkpoint in a folder. */
export class FileReader implements CheckpointReader {
  readonly #folder: string
  readonly #fileSystem: FileSystem

  constructor(folder: string, fileSystem: FileSystem) {
    this.#folder = folder
    this.#fileSystem = fileSystem
  }

  async list(): Promise<CheckpointListing | undefined> {
    return await this.#reading(async (pinned) => {
      const { logs } = pinned.files
      const infos: LogInfo[] = []
      let header: CheckpointHeader | undefined
      for (const [index, first] of logs.entries()) {
        const path = checkpointFile(this.#folder, 'log', first)
        const log = await this.#log(pinned, path, first, index === logs.length - 1)
        if (log === undefined) continue
        infos.push(log.info)
        header = log.header
      }
      if (header === undefined) return undefined
      const newest = infos.findLast(({ firstEpoch, lastEpoch }) => lastEpoch >= firstEpoch)
      const { app, lineage = '', parent, savepoint } = header
      return {
        identity: { app, lineage, parent },
        savepoint,
        snapshots: await this.#snapshots(pinned),
        logs: infos,
        newestEpoch: infos.at(-1)!.lastEpoch,
        newestTime: newest?.lastTime,
      }
    })
  }

  async *frames(options: FramesOptions = {}): AsyncGenerator<LocatedFrame> {
    const pinned = await pinFiles(this.#fileSystem, this.#folder)
    try {
      const snapshots = await this.#snapshots(pinned)
      const { firstEpoch } = snapshotFor(snapshots, options, this.#folder)
      const chain = chainOf(pinned.files, this.#folder, firstEpoch)
      const tail: Tail = { lastEpoch: 0, baseBytes: 0, logBytes: 0, torn: undefined }
      const { epoch } = options
      let last = firstEpoch - 1
      for await (const frame of replayFiles(pinned, this.#folder, chain, tail, () => undefined)) {
        if (frame.kind === FrameKind.epoch && last++ === epoch) return
        yield frame
      }
      if (epoch !== undefined && last < epoch) throw noEpoch(epoch, snapshots, this.#folder)
    } finally {
      await pinned.close()
    }
  }

  async #reading<T>(read: (pinned: PinnedFiles) => Promise<T>): Promise<T> {
    const pinned = await pinFiles(this.#fileSystem, this.#folder)
    try {
      return await read(pinned)
    } finally {
      await pinned.close()
    }
  }

  /** Undefined when it was just being made. */
  async #log(
    pinned: PinnedFiles,
    path: string,
    first: number,
    mayBeTorn: boolean,
  ): Promise<{ readonly header: CheckpointHeader; readonly info: LogInfo } | undefined> {
    const file = await pinned.open(path, 'read')
    const reader = new FrameReader(file, await file.size(), mayBeTorn ? undefined : HEADS_BYTES)
    const begin = await reader.next()
    if (begin === undefined && mayBeTorn && !(await reader.anyAfter())) return undefined
    const header = begin === undefined ? undefined : decodeHeader(begin, path)
    if (header === undefined) throw corruptFile(path, 0, 'the file has no header')
    let lastEpoch = first - 1
    let firstTime: number | undefined
    let lastTime: number | undefined
    for (;;) {
      // What is torn can look whole from its beginning.
      const frame = mayBeTorn ? await reader.next() : await reader.head()
      if (frame === undefined) break
      if (frame.kind !== FrameKind.epoch) continue
      lastEpoch++
      lastTime = readPrologue('payload' in frame ? frame.payload : frame.start).time
      firstTime ??= lastTime
    }
    if (reader.offset < reader.size && (!mayBeTorn || (await reader.anyAfter()))) {
      throw corruptFile(path, reader.offset, 'there is no whole frame')
    }
    const bytes = reader.offset
    return {
      header,
      info: { name: basename(path), firstEpoch: first, lastEpoch, bytes, firstTime, lastTime },
    }
  }

  async #snapshots({ files, open }: PinnedFiles): Promise<SnapshotInfo[]> {
    const infos: SnapshotInfo[] = []
    for (const firstEpoch of snapshotEpochs(files)) {
      if (!files.bases.includes(firstEpoch)) {
        infos.push({ name: undefined, firstEpoch, validFrom: 1, bytes: 0, time: undefined })
        continue
      }
      const path = checkpointFile(this.#folder, 'base', firstEpoch)
      const file = await open(path, 'read')
      const bytes = await file.size()
      const reader = new FrameReader(file, bytes, HEADS_BYTES)
      await reader.next()
      const chunk = await reader.head()
      if (chunk === undefined) throw corruptFile(path, reader.offset, 'there is no whole frame')
      const time = chunk.kind === FrameKind.baseChunk ? readPrologue(chunk.start).time : undefined
      const validFrom = (await baseEnd(file, bytes, path)) ?? lastOf(files)
      infos.push({ name: basename(path), firstEpoch, validFrom, bytes, time })
    }
    return infos
  }
}

/** Of the end of a snapshot, which is its last frame. */
async function baseEnd(file: OpenFile, size: number, path: string): Promise<number | undefined> {
  const from = Math.max(size - END_BYTES, 0)
  const bytes = Buffer.alloc(size - from)
  await file.read(bytes, from)
  const at = bytes.lastIndexOf(FRAME_MAGIC)
  const frame = at === -1 ? undefined : readFrame(bytes, at)
  if (frame?.kind !== FrameKind.baseEnd) throw corruptFile(path, size, 'the snapshot ends too early')
  return decodeBaseEnd(frame).validFrom
}

/** A snapshot of the first releases does not say from which epoch on it is good: the newest log surely is. */
function lastOf({ logs }: CheckpointFiles): number {
  return logs.at(-1) ?? 1
}
