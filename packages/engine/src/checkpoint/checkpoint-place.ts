import { isAbsolute, resolve } from 'node:path'
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

/** A place with its relative path, if it is one, made absolute; URLs of other schemes than `file:` as they are. */
export function absolutePlace(place: string, cwd: string): string {
  // One letter before the colon is a drive.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(place)?.[1]?.toLowerCase()
  if (scheme === undefined) return resolve(cwd, place)
  if (scheme !== 'file') return place
  const path = place.slice('file:'.length)
  if (!path.startsWith('/')) return resolve(cwd, path)
  return URL.canParse(place) ? fileURLToPath(new URL(place)) : resolve(path)
}

/**
 * The place that a text names: a path, `file:/path`, or a URL that one of the resolvers takes.
 *
 * @param resolvers asked in order for every scheme but `file:`
 * @param cwd where relative paths begin
 * @throws StatefunError `SF_CHECKPOINT_PLACE`, and what a resolver throws
 */
export function openCheckpointPlace(
  place: string,
  resolvers: readonly PlaceResolver[] = [],
  cwd: string = process.cwd(),
): CheckpointPlace {
  const absolute = absolutePlace(place, cwd)
  if (isAbsolute(absolute)) return folderPlace(absolute)
  if (URL.canParse(absolute)) {
    const url = new URL(absolute)
    for (const resolver of resolvers) {
      const found = resolver(url)
      if (found !== undefined) return found
    }
  }
  throw new StatefunError('SF_CHECKPOINT_PLACE', `checkpoints cannot be kept at "${place}"`, {
    hint: 'name a folder, or a URL of a kind that is served here',
  })
}
