/** A bare server in a process of its own: the same small answer to every call, `argv[2]` milliseconds later. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { encodeFromFunction } from '@statefun/protocol'
import { cpuMicros } from './cpu-micros.ts'

function serve(delayMs: number): void {
  const value = new Uint8Array(8).fill(7)
  const answer = encodeFromFunction({
    kind: 'response',
    outgoingMessages: [],
    delayedInvocations: [],
    outgoingEgresses: [],
    stateMutations: [
      { stateName: 'total', value: { typename: 'io.statefun.types/long', hasValue: true, value } },
    ],
  })
  const headers = ['content-type', 'application/octet-stream', 'content-length', String(answer.length)]
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    const reply = () => {
      response.writeHead(200, headers)
      response.end(answer)
    }
    incoming.resume()
    incoming.on('end', () => (delayMs > 0 ? setTimeout(reply, delayMs) : reply()))
  })
  server.listen(0, '127.0.0.1', 4096, () => process.send?.((server.address() as AddressInfo).port))
  process.on('message', () => process.send?.(cpuMicros()))
  process.on('disconnect', () => process.exit())
}

serve(Number(process.argv[2]))
