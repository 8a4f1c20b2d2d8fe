import { connect } from 'node:net'

const METADATA = 3
const VERSION = 1
const CORRELATION_ID = 7
const TIMEOUT_MS = 2_000

/**
 * Whether a Kafka broker answers at this port and knows itself as part of its cluster, which is when clients can begin.
 *
 * Grammar (Metadata request and response, version 1):
 *
 *     request  => size int32, api_key int16, api_version int16, correlation_id int32, client_id int16+bytes,
 *                 topics int32 (0: none)
 *     response => size int32, correlation_id int32, brokers int32+[node_id int32, host, port, rack], ...
 *
 * @returns false when nothing listens, the connection ends, or no broker is registered yet
 */
export function answersMetadata(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host })
    const settle = (ready: boolean) => {
      socket.destroy()
      resolve(ready)
    }
    let received = Buffer.alloc(0)
    socket.setTimeout(TIMEOUT_MS, () => settle(false))
    socket.once('error', () => settle(false))
    socket.once('close', () => settle(false))
    socket.once('connect', () => socket.write(metadataRequest()))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length >= 12)
        settle(received.readInt32BE(4) === CORRELATION_ID && received.readInt32BE(8) > 0)
    })
  })
}

function metadataRequest(): Buffer {
  const clientId = 'statefun-gate'
  const request = Buffer.alloc(18 + clientId.length)
  request.writeInt32BE(request.length - 4, 0)
  request.writeInt16BE(METADATA, 4)
  request.writeInt16BE(VERSION, 6)
  request.writeInt32BE(CORRELATION_ID, 8)
  request.writeInt16BE(clientId.length, 12)
  request.write(clientId, 14)
  return request
}
