import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StatefunError } from '@statefun/protocol'
import { FileReader } from './file-reader.ts'
import { FileStorage } from './file-storage.ts'
import type { FileSystem } from './file-system.ts'
import { createFileWriter } from './file-writer.ts'
import { nodeFileSystem } from './node-file-system.ts'
import type { CheckpointPlace } from './storage.ts'

/** Makes a place of a URL whose scheme it knows. */
export type PlaceResolver = (url: URL) => CheckpointPlace | undefined

/** A folder as a place of checkpoints. */
export function folderPlace(folder: string, fileSystem: FileSystem = nodeFileSystem): CheckpointPlace {
  return {
    url: folder,
    storage: (app, options) => new FileStorage(folder, app, { ...options, fileSystem }),
    reader: () => new FileReader(folder, fileSystem),
    create: (checkpoint) => createFileWriter(fileSystem, folder, checkpoint),
    close: async () => undefined,
  }
}

/**
 * The place that a text names: a path, `file:/path`, or a URL that one of the resolvers takes.
 *
 * @param resolvers asked in order for every scheme but `file:`
 * @param cwd where relative paths begin
 * @throws StatefunError `SF_CHECKPOINT_PLACE`
 */
export function openCheckpointPlace(
  place: string,
  resolvers: readonly PlaceResolver[] = [],
  cwd: string = process.cwd(),
): CheckpointPlace {
  // One letter before the colon is a drive.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(place)?.[1]?.toLowerCase()
  if (scheme === undefined) return folderPlace(resolve(cwd, place))
  if (scheme === 'file' && !place.slice(5).startsWith('/')) return folderPlace(resolve(cwd, place.slice(5)))
  const url = URL.canParse(place) ? new URL(place) : undefined
  if (url?.protocol === 'file:') return folderPlace(fileURLToPath(url))
  for (const resolver of url === undefined ? [] : resolvers) {
    const found = resolver(url!)
    if (found !== undefined) return found
  }
  throw new StatefunError('SF_CHECKPOINT_PLACE', `checkpoints cannot be kept at "${place}"`, {
    hint:
      url === undefined
        ? 'write a path or a URL such as file:/var/lib/app'
        : `"${scheme}:" is not served here`,
  })
}
