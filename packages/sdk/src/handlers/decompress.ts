import { StatefunError } from '@statefun/protocol'
import { BodyCollector } from './body-collector.ts'

/** Whether a `content-encoding` can be read: none, identity, gzip or deflate. */
export function isSupportedEncoding(encoding: string | undefined): boolean {
  return isPlain(encoding) || encoding === 'gzip' || encoding === 'deflate'
}

/**
 * Undoes a content encoding; stops as soon as the output passes `limit` bytes.
 *
 * @throws StatefunError `SF_SDK_BODY_TOO_LARGE`, `SF_SDK_REQUEST_UNDECODABLE`
 */
export async function decompress(
  body: Uint8Array,
  encoding: string | undefined,
  limit: number,
): Promise<Uint8Array> {
  if (isPlain(encoding)) return body
  const stream = new Blob([body as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream(encoding as 'gzip' | 'deflate'))
  const collector = new BodyCollector(limit)
  try {
    for await (const chunk of stream) collector.add(chunk)
  } catch (error) {
    if (error instanceof StatefunError) throw error
    throw new StatefunError('SF_SDK_REQUEST_UNDECODABLE', `the body is no valid ${encoding}`, {
      cause: error,
    })
  }
  return collector.bytes()
}

function isPlain(encoding: string | undefined): boolean {
  return encoding === undefined || encoding === '' || encoding === 'identity'
}
