import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { CheckpointPlace } from '../checkpoint/storage.ts'
import type { DiskStateSettings } from '../state/disk-state.ts'
import { NodeScratchFolder } from '../state/node-scratch-folder.ts'

/** Where the state of running functions is. Checkpoints are the same for both: a restart may choose the other one. */
export interface StateOptions {
  /**
   * `hashmap` (the default): all of it in memory. `disk`: what was used lately in memory, the rest in a scratch folder that
   * is filled anew from the checkpoint at each start; about 25 bytes of memory for each instance there.
   */
  readonly backend?: 'hashmap' | 'disk'
  /**
   * The scratch folder of `disk`, for one engine; its former content is removed. By default `state` in the folder of the
   * checkpoints, or one in the folder for temporary files when they are elsewhere.
   */
  readonly dir?: string
  /**
   * Memory for instances in the cache of `disk`; 64 MiB by default. What one epoch changes stays in memory in any case; from
   * twice the cache on no more input is taken until it is cut.
   */
  readonly cacheBytes?: number
}

/** Settings of the disk backend; undefined when state is in memory. */
export function diskSettings(
  { backend, dir, cacheBytes }: StateOptions,
  place: CheckpointPlace | undefined,
  app: string,
): DiskStateSettings | undefined {
  if (backend !== 'disk') return undefined
  const local = place !== undefined && isAbsolute(place.url) ? join(place.url, 'state') : undefined
  const folder = new NodeScratchFolder(dir ?? local ?? join(tmpdir(), `statefun-${app}-${process.pid}`))
  return cacheBytes === undefined ? { folder } : { folder, cacheBytes }
}
