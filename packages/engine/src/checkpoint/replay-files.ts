import { type CheckpointChain, checkpointFile, corruptFile, place } from './checkpoint-files.ts'
import { type CheckpointHeader, decodeBaseEnd, decodeHeader } from './checkpoint-header.ts'
import type { FileSystem } from './file-system.ts'
import { FrameKind } from './frame.ts'
import { FrameReader } from './frame-reader.ts'
import type { LocatedFrame } from './storage.ts'

/** An epoch that was being written when its file was left, or is being written right now. */
export interface TornTail {
  readonly path: string
  readonly offset: number
  readonly bytes: number
}

/** What a replay has found; filled in while it goes on. */
export interface Tail {
  lastEpoch: number
  baseBytes: number
  logBytes: number
  torn: TornTail | undefined
}

/**
 * The chunks of a snapshot, then the epochs since, one frame at a time.
 *
 * @param header is told of the header of each file before its frames come; may throw
 * @throws StatefunError `SF_CHECKPOINT_CORRUPT`, `SF_CHECKPOINT_FOREIGN`
 */
export async function* replayFiles(
  fileSystem: Pick<FileSystem, 'open'>,
  folder: string,
  { base, logs }: CheckpointChain,
  tail: Tail,
  header: (header: CheckpointHeader, path: string) => void,
): AsyncGenerator<LocatedFrame> {
  let validFrom = 0
  if (base !== undefined) {
    const path = checkpointFile(folder, 'base', base)
    let ended = false
    const size = { bytes: 0 }
    for await (const frame of framesOf(fileSystem, path, header, size)) {
      if (frame.kind === FrameKind.baseEnd) {
        ended = true
        validFrom = Math.max(base, decodeBaseEnd(frame).validFrom ?? 0)
      } else if (frame.kind === FrameKind.baseChunk) yield frame
    }
    tail.baseBytes = size.bytes
    if (!ended) throw corruptFile(path, size.bytes, 'the snapshot ends too early')
  }
  let next = logs[0] ?? 1
  for (const [index, first] of logs.entries()) {
    const path = checkpointFile(folder, 'log', first)
    if (first !== next) throw corruptFile(path, 0, `it begins with epoch ${first}, epoch ${next} is missing`)
    const size = { bytes: 0 }
    const frames = framesOf(fileSystem, path, header, size, index === logs.length - 1 ? tail : undefined)
    for await (const frame of frames) {
      if (frame.kind !== FrameKind.epoch) continue
      next++
      yield frame
    }
    tail.logBytes += size.bytes
  }
  tail.lastEpoch = next - 1
  if (tail.lastEpoch < validFrom) {
    throw corruptFile(
      checkpointFile(folder, 'log', logs.at(-1)!),
      tail.logBytes,
      `it ends with epoch ${tail.lastEpoch}, and the snapshot needs the epochs up to ${validFrom}`,
    )
  }
}

/** The frames of a file after its header; a torn tail is noted where one may be, anything else that cannot be read is an error. */
async function* framesOf(
  fileSystem: Pick<FileSystem, 'open'>,
  path: string,
  header: (header: CheckpointHeader, path: string) => void,
  size: { bytes: number },
  mayBeTorn?: { torn: TornTail | undefined },
): AsyncGenerator<LocatedFrame> {
  const file = await fileSystem.open(path, 'read')
  try {
    const reader = new FrameReader(file, await file.size())
    for (;;) {
      const { offset } = reader
      const frame = await reader.next()
      if (frame === undefined) break
      if (offset === 0) {
        const decoded = decodeHeader(frame, path)
        if (decoded === undefined) throw corruptFile(path, 0, 'the file has no header')
        header(decoded, path)
      } else yield { ...frame, where: place(path, offset) }
    }
    const { offset } = reader
    size.bytes = offset
    if (offset === reader.size && offset > 0) return
    if (mayBeTorn === undefined || (await reader.anyAfter()))
      throw corruptFile(path, offset, 'a checksum does not match')
    mayBeTorn.torn = { path, offset, bytes: reader.size - offset }
  } finally {
    await file.close()
  }
}
