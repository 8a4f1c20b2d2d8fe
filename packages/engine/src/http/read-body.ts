import type { IncomingMessage } from 'node:http'

/**
 * Reads a request's body as long as it stays within a limit.
 *
 * @returns undefined when it is larger than `maxBytes`; the rest is then left unread, so the answer must close the
 *   connection
 * @throws the stream's error when the client goes away in between
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length
    if (size > maxBytes) return undefined
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks, size)
}
