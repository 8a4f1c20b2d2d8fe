import { objectPlace, type PlaceResolver } from '@statefun/engine'
import { type S3Options, s3ObjectStore } from './s3-object-store.ts'

/**
 * Serves `s3:` URLs as places of checkpoints and savepoints; see {@link s3ObjectStore} for the URLs and the options.
 *
 * @example
 * await startEngine({ …, checkpoint: { place: 's3://my-checkpoints/shop', resolvers: [s3Places({ logger })] } })
 */
export function s3Places(options: S3Options = {}): PlaceResolver {
  const { logger } = options
  return (url) =>
    url.protocol === 's3:'
      ? objectPlace(() => s3ObjectStore(url.href, options), logger === undefined ? {} : { logger })
      : undefined
}
