import { type CheckpointFiles, checkpointFile, listCheckpointFiles } from './checkpoint-files.ts'
import type { FileSystem, OpenFile } from './file-system.ts'

/** Files of a checkpoint, open, so that they can be read to their end whatever an engine removes meanwhile. */
export interface PinnedFiles {
  readonly files: CheckpointFiles
  /** Of these files; closing one has no effect. */
  readonly open: FileSystem['open']
  close(): Promise<void>
}

/** How often a listing is made anew because something of it was removed at once. */
const ROUNDS = 10

/** Opens the files in a checkpoint folder. */
export async function pinFiles(fileSystem: FileSystem, folder: string): Promise<PinnedFiles> {
  for (let round = 1; ; round++) {
    const opened = new Map<string, OpenFile>()
    const close = async () => {
      await Promise.all([...opened.values()].map((file) => file.close()))
    }
    try {
      const files = await listCheckpointFiles(fileSystem, folder)
      for (const kind of ['base', 'log'] as const) {
        for (const epoch of kind === 'base' ? files.bases : files.logs) {
          const path = checkpointFile(folder, kind, epoch)
          opened.set(path, await fileSystem.open(path, 'read'))
        }
      }
      const open = async (path: string): Promise<OpenFile> => {
        const file = opened.get(path)!
        return {
          read: (into, position) => file.read(into, position),
          append: (parts) => file.append(parts),
          truncate: (bytes) => file.truncate(bytes),
          sync: () => file.sync(),
          size: () => file.size(),
          close: async () => undefined,
        }
      }
      return { files, open, close }
    } catch (error) {
      await close()
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || round === ROUNDS) throw error
    }
  }
}
