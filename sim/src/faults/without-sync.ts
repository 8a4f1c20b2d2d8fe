import type { FileSystem } from '../../../packages/engine/src/checkpoint/file-system.ts'

/** A file system that says it has forced content to the disk, and has not. */
export function withoutSync(fileSystem: FileSystem): FileSystem {
  return overriding(fileSystem, {
    open: async (path, how) => {
      const file = await fileSystem.open(path, how)
      file.sync = () => Promise.resolve()
      return file
    },
  })
}

/** A file system that says it has forced names to the disk, and has not. */
export function withoutFolderSync(fileSystem: FileSystem): FileSystem {
  return overriding(fileSystem, { syncFolder: () => Promise.resolve() })
}

function overriding(fileSystem: FileSystem, over: Partial<FileSystem>): FileSystem {
  return {
    makeFolder: (path) => fileSystem.makeFolder(path),
    list: (path) => fileSystem.list(path),
    open: (path, how) => fileSystem.open(path, how),
    rename: (from, to) => fileSystem.rename(from, to),
    remove: (path) => fileSystem.remove(path),
    syncFolder: (path) => fileSystem.syncFolder(path),
    lock: (path) => fileSystem.lock(path),
    ...over,
  }
}
