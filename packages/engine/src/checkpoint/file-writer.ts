import { join } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import { checkpointFile, listCheckpointFiles } from './checkpoint-files.ts'
import { encodeBaseEnd, encodeHeader } from './checkpoint-header.ts'
import type { FileSystem, OpenFile } from './file-system.ts'
import { type Frame, FrameKind, frameHeader } from './frame.ts'
import type { CheckpointWriter, NewCheckpoint } from './storage.ts'

/**
 * Writes a checkpoint into a folder that has none.
 *
 * @throws StatefunError `SF_SAVEPOINT_TARGET_NOT_EMPTY`, `SF_CHECKPOINT_LOCKED`
 */
export async function createFileWriter(
  fileSystem: FileSystem,
  folder: string,
  { identity, savepoint, firstEpoch }: NewCheckpoint,
): Promise<CheckpointWriter> {
  await fileSystem.makeFolder(folder)
  const release = await fileSystem.lock(folder)
  const open: { readonly kind: 'base' | 'log'; readonly path: string; readonly file: OpenFile }[] = []
  const header = encodeHeader(identity, savepoint)
  let lastEpoch = firstEpoch - 1

  const fileOf = async (kind: 'base' | 'log'): Promise<OpenFile> => {
    const known = open.find((each) => each.kind === kind)
    if (known !== undefined) return known.file
    const path = checkpointFile(folder, kind, firstEpoch)
    const file = await fileSystem.open(`${path}.tmp`, 'create')
    open.push({ kind, path, file })
    await file.append([frameHeader(FrameKind.header, header), header])
    return file
  }
  const add = async (kind: 'base' | 'log', frame: Frame): Promise<void> => {
    const file = await fileOf(kind)
    await file.append([frameHeader(frame.kind, frame.payload), frame.payload])
  }
  const abort = async () => {
    await Promise.allSettled(open.map(({ file }) => file.close()))
    await Promise.allSettled(open.map(({ path }) => fileSystem.remove(`${path}.tmp`)))
    await release().catch(() => undefined)
  }

  try {
    const { logs, bases, unfinished } = await listCheckpointFiles(fileSystem, folder)
    if (logs.length + bases.length > 0) throw notEmpty(folder)
    for (const name of unfinished) await fileSystem.remove(join(folder, name))
  } catch (error) {
    await abort()
    throw error
  }
  return {
    async write(frame) {
      if (frame.kind === FrameKind.baseChunk) await add('base', frame)
      else if (frame.kind === FrameKind.epoch) {
        await add('log', frame)
        lastEpoch++
      }
    },
    async finish() {
      await fileOf('log')
      if (open.some(({ kind }) => kind === 'base')) {
        await add('base', { kind: FrameKind.baseEnd, payload: encodeBaseEnd(lastEpoch) })
      }
      for (const { file } of open) {
        await file.sync()
        await file.close()
      }
      // A log without its snapshot is no checkpoint: the snapshot comes last.
      for (const { path } of open.toSorted((a, b) => (a.kind > b.kind ? -1 : 1))) {
        await fileSystem.rename(`${path}.tmp`, path)
        await fileSystem.syncFolder(folder)
      }
      await release()
    },
    abort,
  }
}

/** @param where the place */
export function notEmpty(where: string): StatefunError {
  return new StatefunError('SF_SAVEPOINT_TARGET_NOT_EMPTY', 'there is a checkpoint already', {
    where,
    hint: 'name an empty place, or move away what is there',
  })
}
