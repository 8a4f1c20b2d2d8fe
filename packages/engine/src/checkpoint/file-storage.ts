import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import {
  type CheckpointFiles,
  chainOf,
  checkpointFile,
  corruptFile,
  listCheckpointFiles,
  snapshotEpochs,
} from './checkpoint-files.ts'
import { checkHeader, encodeBaseEnd, encodeHeader } from './checkpoint-header.ts'
import { FileReader } from './file-reader.ts'
import type { FileSystem, OpenFile } from './file-system.ts'
import { FRAME_HEADER_BYTES, type Frame, FrameKind, frameHeader } from './frame.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { replayFiles, type Tail } from './replay-files.ts'
import type {
  BaseWriter,
  CheckpointIdentity,
  CheckpointReader,
  CheckpointStorage,
  RecoveryReport,
} from './storage.ts'

export interface FileStorageOptions {
  /** The machine's by default. */
  readonly fileSystem?: FileSystem
  /** Snapshots that are kept with the logs that belong to them, the newest one included; 2 by default. */
  readonly retain?: number
}

/** The log file that epochs are appended to. */
interface Segment {
  readonly path: string
  readonly file: OpenFile
  /** Bytes that are durable. */
  bytes: number
}

/**
 * Checkpoints in a folder of a local file system.
 *
 * A crash of the machine may keep or lose anything that was not synced, in any combination. So a file is synced before
 * something refers to it, its folder after a name was made or changed, and nothing is removed before what replaces it is
 * durable.
 */
export class FileStorage implements CheckpointStorage {
  readonly #folder: string
  readonly #fileSystem: FileSystem
  readonly #retain: number
  identity: CheckpointIdentity
  #release: (() => Promise<void>) | undefined
  #report: RecoveryReport | undefined
  #segment: Segment | undefined
  /** The snapshot that is being written. */
  #base: OpenFile | undefined
  #lastEpoch = 0
  /** Why nothing can be appended any more. */
  #broken: StatefunError | undefined
  logBytes = 0
  baseBytes = 0

  /** @param app a folder serves one app; another one's is refused */
  constructor(folder: string, app: string, options: FileStorageOptions = {}) {
    this.#folder = folder
    this.#fileSystem = options.fileSystem ?? nodeFileSystem
    this.#retain = Math.max(options.retain ?? 2, 1)
    this.identity = { app, lineage: randomUUID(), parent: undefined }
  }

  async open(report: RecoveryReport): Promise<void> {
    await this.#fileSystem.makeFolder(this.#folder)
    this.#release = await this.#fileSystem.lock(this.#folder)
    this.#report = report
  }

  async *recover(): AsyncIterable<Frame> {
    const files = await listCheckpointFiles(this.#fileSystem, this.#folder)
    const chain = chainOf(files, this.#folder)
    const tail: Tail = { lastEpoch: 0, baseBytes: 0, logBytes: 0, torn: undefined }
    let found: string | undefined
    yield* replayFiles(this.#fileSystem, this.#folder, chain, tail, (header, path) => {
      checkHeader(header, this.identity.app, path)
      const { app, lineage, parent } = header
      // Files of the first releases do not say: one that the next ones will.
      if (lineage === undefined) return
      if (found !== undefined && lineage !== found)
        throw corruptFile(path, 0, 'the file is of another checkpoint')
      found = lineage
      this.identity = { app, lineage, parent }
    })
    this.#lastEpoch = tail.lastEpoch
    this.baseBytes = tail.baseBytes
    this.logBytes = tail.logBytes
    await this.#settle(files, chain.logs.at(-1), tail)
  }

  async append(epoch: number, payload: Uint8Array): Promise<void> {
    const header = frameHeader(FrameKind.epoch, payload)
    await this.#changing(async () => {
      this.#segment ??= await this.#startSegment(epoch)
      await this.#segment.file.append([header, payload])
      await this.#segment.file.sync()
      this.#segment.bytes += header.length + payload.length
    })
    this.#lastEpoch = epoch
    this.logBytes += header.length + payload.length
  }

  async beginBase(epoch: number): Promise<BaseWriter> {
    // The snapshot and the epochs after it are replayed together, so those start in a file of their own.
    await this.#changing(async () => {
      await this.#segment?.file.close()
      this.#segment = undefined
      this.#segment = await this.#startSegment(epoch)
    })
    this.logBytes = 0
    const target = checkpointFile(this.#folder, 'base', epoch)
    const temporary = `${target}.tmp`
    let bytes = 0
    const add = async (kind: number, payload: Uint8Array): Promise<OpenFile> => {
      if (this.#base === undefined) {
        this.#base = await this.#fileSystem.open(temporary, 'create')
        bytes += await writeHeader(this.#base, this.identity)
      }
      await this.#base.append([frameHeader(kind, payload), payload])
      bytes += FRAME_HEADER_BYTES + payload.length
      return this.#base
    }
    return {
      write: async (chunk) => void (await add(FrameKind.baseChunk, chunk)),
      publish: async () => {
        // What the scan saw of later epochs is in the log by now.
        const file = await add(FrameKind.baseEnd, encodeBaseEnd(this.#lastEpoch))
        await file.sync()
        await this.#closeBase()
        await this.#fileSystem.rename(temporary, target)
        await this.#fileSystem.syncFolder(this.#folder)
        this.baseBytes = bytes
        await this.#removeOld(await listCheckpointFiles(this.#fileSystem, this.#folder))
      },
      abort: async () => {
        await this.#closeBase().catch(() => undefined)
        // What is left behind is removed by the next recovery.
        await this.#fileSystem.remove(temporary).catch(() => undefined)
      },
    }
  }

  reader(): CheckpointReader {
    return new FileReader(this.#folder, this.#fileSystem)
  }

  async close(): Promise<void> {
    const segment = this.#segment
    this.#segment = undefined
    await Promise.allSettled([segment?.file.close(), this.#closeBase()])
    const release = this.#release
    this.#release = undefined
    await release?.()
  }

  async #closeBase(): Promise<void> {
    const base = this.#base
    this.#base = undefined
    await base?.close()
  }

  /**
   * Makes durable what was found: the engine that wrote it may have died before it had synced the last epoch, and this one
   * publishes what that epoch holds.
   */
  async #settle(files: CheckpointFiles, newest: number | undefined, { torn }: Tail): Promise<void> {
    if (newest !== undefined) {
      const path = checkpointFile(this.#folder, 'log', newest)
      if (torn?.offset === 0) await this.#fileSystem.remove(path)
      else {
        const file = await this.#fileSystem.open(path, 'change')
        try {
          // A torn tail that came back behind the next log would be damage in the middle.
          if (torn !== undefined) await file.truncate(torn.offset)
          await file.sync()
        } finally {
          await file.close()
        }
      }
    }
    for (const name of files.unfinished) await this.#fileSystem.remove(join(this.#folder, name))
    await this.#fileSystem.syncFolder(this.#folder)
    if (torn !== undefined) this.#report?.tornTail(torn.path, torn.offset, torn.bytes)
    await this.#removeOld(files)
  }

  async #startSegment(epoch: number): Promise<Segment> {
    const path = checkpointFile(this.#folder, 'log', epoch)
    const file = await this.#fileSystem.open(path, 'create')
    try {
      const bytes = await writeHeader(file, this.identity)
      await file.sync()
      await this.#fileSystem.syncFolder(this.#folder)
      return { path, file, bytes }
    } catch (error) {
      await file.close().catch(() => undefined)
      throw error
    }
  }

  /** After a failure nothing is appended any more: it could come behind half a frame. */
  async #changing(change: () => Promise<void>): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken
    try {
      await change()
    } catch (cause) {
      this.#broken = writeFailed(this.#segment?.path ?? this.#folder, cause)
      await this.#cutBack()
      throw this.#broken
    }
  }

  /** Takes the half frame away, which also makes room on a full disk. The next recovery does so if this fails. */
  async #cutBack(): Promise<void> {
    try {
      await this.#segment?.file.truncate(this.#segment.bytes)
      await this.#segment?.file.sync()
    } catch {
      // The disk does not take it: the reason is known already.
    }
  }

  /** Removes what no retained snapshot needs. */
  async #removeOld(files: CheckpointFiles): Promise<void> {
    const oldest = snapshotEpochs(files).slice(-this.#retain)[0]
    if (oldest === undefined) return
    // A log without its snapshot is ignored, a snapshot without its log is damage: so the snapshots go first.
    const heads = files.bases
      .filter((base) => base < oldest)
      .map((base) => checkpointFile(this.#folder, 'base', base))
    if (oldest > 1 && files.logs[0] === 1) heads.push(checkpointFile(this.#folder, 'log', 1))
    for (const path of heads) await this.#fileSystem.remove(path)
    if (heads.length > 0) await this.#fileSystem.syncFolder(this.#folder)
    for (const log of files.logs) {
      if (log < oldest) await this.#fileSystem.remove(checkpointFile(this.#folder, 'log', log))
    }
  }
}

async function writeHeader(file: OpenFile, identity: CheckpointIdentity): Promise<number> {
  const payload = encodeHeader(identity, false)
  await file.append([frameHeader(FrameKind.header, payload), payload])
  return FRAME_HEADER_BYTES + payload.length
}

function writeFailed(path: string, cause: unknown): StatefunError {
  const { code, message } = cause as NodeJS.ErrnoException
  const full = code === 'ENOSPC' || code === 'EDQUOT'
  return new StatefunError('SF_CHECKPOINT_WRITE', `the checkpoint cannot be written: ${message}`, {
    where: path,
    hint: full
      ? 'make room on the disk: nothing is lost, the job goes on from the last epoch once there is some'
      : 'mend the disk: the job goes on from the last epoch that it took',
    cause,
  })
}
