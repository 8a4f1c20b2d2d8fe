import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { BrokerConnection, type BrokerConnectionOptions } from './broker-connection.ts'
import { TimeoutError, Writer } from './client-library.ts'

/** A broker that does with each connection what it is told to; returns its port. */
async function broker(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    serve(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as { port: number }).port
}

function connect(port: number, more: Partial<BrokerConnectionOptions> = {}) {
  const onClosed = vi.fn()
  const connection = new BrokerConnection('127.0.0.1', port, {
    clientId: 'test',
    connectTimeoutMs: 2000,
    requestTimeoutMs: 2000,
    tls: undefined,
    sasl: undefined,
    onClosed,
    ...more,
  })
  onTestFinished(() => connection.destroy())
  return { connection, onClosed }
}

/** Sends an int32, and resolves with the int32 of the response. */
function ask(connection: BrokerConnection, value: number, extra: readonly Buffer[] = []): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const payload = () => {
      const writer = Writer.create().appendInt32(value)
      for (const piece of extra) writer.append(piece)
      return writer
    }
    connection.send(
      99,
      1,
      payload,
      (_c, _k, _v, reader) => reader.readInt32(),
      true,
      true,
      (error, response) => (error === null ? resolve(response) : reject(error)),
    )
  })
}

/** Calls back with each whole request. */
function requests(socket: Socket, take: (request: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0)
      take(rest.subarray(4, end))
      rest = rest.subarray(end)
    }
  })
}

function response(correlationId: number, value: number): Buffer {
  const bytes = Buffer.alloc(13)
  bytes.writeInt32BE(9)
  bytes.writeInt32BE(correlationId, 4)
  bytes.writeInt32BE(value, 9)
  return bytes
}

/** Header of {@link ask}: key, version, correlation id, "test", tags. */
const HEADER = 15

describe('BrokerConnection', () => {
  it('answers each request with its own response, however the bytes come', async () => {
    const port = await broker((socket) =>
      requests(socket, (request) => {
        expect([request.readInt16BE(0), request.readInt16BE(2)]).toEqual([99, 1])
        expect(request.toString('latin1', 10, 14)).toBe('test')
        const answer = response(request.readInt32BE(4), request.readInt32BE(HEADER) * 2)
        for (const byte of answer) socket.write(Buffer.from([byte]))
      }),
    )
    const { connection } = connect(port)
    await connection.ready()
    const asked = Array.from({ length: 20 }, (_, i) => i)
    expect(await Promise.all(asked.map((i) => ask(connection, i)))).toEqual(asked.map((i) => i * 2))
  })

  it('sends large pieces whole and in order', async () => {
    const pieces = [Buffer.from('a'), Buffer.alloc(300_000, 'b'), Buffer.from('c'), Buffer.alloc(5000, 'd')]
    let received = Buffer.alloc(0)
    const port = await broker((socket) =>
      requests(socket, (request) => {
        received = Buffer.from(request.subarray(HEADER + 4))
        socket.write(response(request.readInt32BE(4), 1))
      }),
    )
    const { connection } = connect(port)
    await connection.ready()
    await ask(connection, 1, pieces)
    expect(received.equals(Buffer.concat(pieces))).toBe(true)
  })

  it('fails what is under way when the broker closes', async () => {
    const port = await broker((socket) => requests(socket, () => socket.end()))
    const { connection, onClosed } = connect(port)
    await connection.ready()
    await expect(ask(connection, 1)).rejects.toMatchObject({ code: 'PLT_KFK_NETWORK' })
    expect(onClosed).toHaveBeenCalledOnce()
    expect(connection.isConnected()).toBe(false)
    await expect(ask(connection, 2)).rejects.toMatchObject({ code: 'PLT_KFK_NETWORK' })
  })

  it('gives a connection up whose response does not come', async () => {
    const port = await broker(() => {})
    const { connection, onClosed } = connect(port, { requestTimeoutMs: 50 })
    await connection.ready()
    const settled = await Promise.allSettled([ask(connection, 1), ask(connection, 2)])
    expect(settled).toMatchObject([{ reason: { message: 'Request timed out' } }, { status: 'rejected' }])
    await vi.waitFor(() => expect(onClosed).toHaveBeenCalledOnce())
  })

  it('fails the one request whose response cannot be parsed', async () => {
    const port = await broker((socket) =>
      requests(socket, (request) => {
        const answer = response(request.readInt32BE(4), 5)
        socket.write(
          request.readInt32BE(HEADER) === 1 ? Buffer.from([0, 0, 0, 5, ...answer.subarray(4, 9)]) : answer,
        )
      }),
    )
    const { connection } = connect(port)
    await connection.ready()
    const asked = [ask(connection, 1), ask(connection, 2)]
    await expect(asked[0]).rejects.toThrow()
    expect(await asked[1]).toBe(5)
  })

  it.each([
    ['an HTTP server', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'PLT_KFK_NETWORK'],
    ['a listener for TLS', '\x15\x03\x03\x00\x02\x02\x50', 'PLT_KFK_USER'],
    ['a response to nobody', '\x00\x00\x00\x04\x00\x00\x00\x63', 'PLT_KFK_NETWORK'],
  ])('tells %s from a broker', async (_, answer, code) => {
    const port = await broker((socket) => requests(socket, () => socket.write(answer, 'latin1')))
    const { connection } = connect(port)
    await connection.ready()
    await expect(ask(connection, 1)).rejects.toMatchObject({ code })
  })

  it('says when nobody listens, and when nobody takes part in a TLS handshake', async () => {
    const port = await broker(() => {})
    const silent = connect(port, { tls: {}, connectTimeoutMs: 60 })
    await expect(silent.connection.ready()).rejects.toThrow(TimeoutError)
    const refused = connect(1)
    await expect(refused.connection.ready()).rejects.toMatchObject({
      code: 'PLT_KFK_NETWORK',
      cause: { code: 'ECONNREFUSED' },
    })
    expect(refused.onClosed).toHaveBeenCalledOnce()
  })

  it('can be closed while it connects', async () => {
    const port = await broker(() => {})
    const { connection } = connect(port, { tls: {} })
    const ready = connection.ready()
    await connection.close()
    await expect(ready).rejects.toMatchObject({ code: 'PLT_KFK_NETWORK' })
  })
})
