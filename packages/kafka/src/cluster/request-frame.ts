/** What stands before the body of a request. */
export interface RequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string
  /** Whether tagged fields follow, of which there are none. */
  readonly requestTags: boolean
}

/** Bodies have many pieces of a few bytes: up to this size they are copied together, above it they are written as they are. */
const COPIED_BYTES = 4096

/**
 * A request as it goes to the socket: its size, header and body.
 *
 * @returns the pieces in their order; large ones are those of the body, and must stay untouched until they are written
 */
export function frameRequest(header: RequestHeader, body: readonly Buffer[]): Buffer[] {
  const head = writeHeader(header)
  const length = body.reduce((sum, piece) => sum + piece.length, head.length)
  head.writeInt32BE(length - 4, 0)
  const pieces: Buffer[] = []
  let small: Buffer[] = [head]
  for (const piece of body) {
    if (piece.length <= COPIED_BYTES) {
      small.push(piece)
      continue
    }
    if (small.length > 0) pieces.push(Buffer.concat(small))
    small = []
    pieces.push(piece)
  }
  if (small.length > 0) pieces.push(Buffer.concat(small))
  return pieces
}

/*
  Request Header v1, v2 => size api_key api_version correlation_id client_id [TAG_BUFFER]
*/
function writeHeader({ apiKey, apiVersion, correlationId, clientId, requestTags }: RequestHeader): Buffer {
  const name = Buffer.from(clientId)
  const head = Buffer.alloc(14 + name.length + (requestTags ? 1 : 0))
  head.writeInt16BE(apiKey, 4)
  head.writeInt16BE(apiVersion, 6)
  head.writeInt32BE(correlationId, 8)
  head.writeInt16BE(name.length, 12)
  name.copy(head, 14)
  return head
}
