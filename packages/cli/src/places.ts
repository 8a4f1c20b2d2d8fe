import { type CheckpointPlace, type Logger, openCheckpointPlace, type PlaceResolver } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { s3Places } from '@statefun/s3'
import type { Io } from './io.ts'
import { loadConfig } from './load-config.ts'

/** Somebody waits for the end of a command: it says soon that a place cannot be reached. An engine tries until it can. */
const COMMAND_RETRY_MS = 15_000

/** Who serves places that are no folders, for an engine. */
export function placeResolvers(logger: Logger): readonly PlaceResolver[] {
  return [s3Places({ logger })]
}

/** A place that an argument names. */
export function namedPlace(io: Io, place: string): CheckpointPlace {
  return openCheckpointPlace(place, [s3Places({ retryForMs: COMMAND_RETRY_MS })], io.cwd)
}

/**
 * The place that an argument names, or that of the configuration.
 *
 * @throws StatefunError `SF_CLI_PLACE` when there is neither
 */
export async function placeOrConfigured(
  io: Io,
  place: string | undefined,
  config: string | undefined,
): Promise<CheckpointPlace> {
  if (place !== undefined) return namedPlace(io, place)
  try {
    return namedPlace(io, (await loadConfig(io.cwd, config)).checkpoint.place)
  } catch (error) {
    if (config !== undefined || StatefunError.from(error).code !== 'SF_CONFIG_MISSING') throw error
    throw new StatefunError('SF_CLI_PLACE', 'nothing says which checkpoint is meant', {
      hint: 'name its folder or URL, or run it in the folder of the app',
    })
  }
}

/** A place in which nothing can be looked at. */
export function missingCheckpoint(where: string): StatefunError {
  return new StatefunError('SF_CHECKPOINT_MISSING', 'there is no checkpoint', {
    where,
    hint: 'name the folder or URL where it is',
  })
}
