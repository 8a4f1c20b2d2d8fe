/**
 * A bare server in a process of its own: the same small answer to every call, `argv[2]` milliseconds later. At `/together` it
 * takes several calls in one request.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  decodeMultiCall,
  encodeFromFunction,
  formatMultiCallOffer,
  MULTI_CALL_HEADER,
  MULTI_CALL_TYPE,
  MultiCallAnswers,
} from '@statefun/protocol'
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
  const offering = [
    ...headers,
    MULTI_CALL_HEADER,
    formatMultiCallOffer({ maxCalls: 256, maxBytes: 1_048_576 }),
  ]
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    const several = incoming.headers['content-type'] === MULTI_CALL_TYPE
    const chunks: Buffer[] = []
    const reply = () => {
      if (several) {
        const answers = new MultiCallAnswers()
        const calls = decodeMultiCall(Buffer.concat(chunks), { maxCalls: 256 })
        for (const index of calls.keys()) answers.add(index, { status: 200, body: answer })
        response.writeHead(200, { 'content-type': MULTI_CALL_TYPE })
        response.end(answers.take())
        return
      }
      response.writeHead(200, incoming.url === '/together' ? offering : headers)
      response.end(answer)
    }
    incoming.on('data', (chunk: Buffer) => several && chunks.push(chunk))
    incoming.on('end', () => (delayMs > 0 ? setTimeout(reply, delayMs) : reply()))
  })
  server.listen(0, '127.0.0.1', 4096, () => process.send?.((server.address() as AddressInfo).port))
  process.on('message', () => process.send?.(cpuMicros()))
  process.on('disconnect', () => process.exit())
}

serve(Number(process.argv[2]))
