import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * How a proxy treats connections.
 *
 * - `pass`: as if it were not there
 * - `refuse`: nobody listens; those that are open are reset
 * - `hang`: they open, and nothing ever comes or goes
 * - `cut`: they are reset after some bytes of an answer
 */
export type ProxyMode = 'pass' | 'refuse' | 'hang' | 'cut'

/** Bytes of an answer that get through before a connection is cut: some of its head. */
const CUT_AFTER_BYTES = 20

interface Pair {
  readonly client: Socket
  readonly target: Socket
}

/** A TCP proxy on loopback that can be told to misbehave. */
export class TcpProxy {
  readonly #target: { readonly host: string; readonly port: number }
  readonly #pairs = new Set<Pair>()
  #server: Server
  #mode: ProxyMode = 'pass'
  #port = 0

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target
    this.#server = this.#newServer()
  }

  static async start(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target)
    await proxy.#listen()
    return proxy
  }

  /** On 127.0.0.1; the same for its whole life. */
  get port(): number {
    return this.#port
  }

  get mode(): ProxyMode {
    return this.#mode
  }

  /** Settles when the mode holds for all connections, those that are open included. */
  async become(mode: ProxyMode): Promise<void> {
    const before = this.#mode
    this.#mode = mode
    if (mode === 'refuse') {
      if (this.#server.listening) await this.#close()
      return
    }
    // What hung is gone for good: its other side gave up on it, or was never asked.
    if (before === 'hang' || mode === 'cut') this.#reset()
    if (mode === 'hang') for (const pair of this.#pairs) freeze(pair)
    if (!this.#server.listening) await this.#listen()
  }

  close(): Promise<void> {
    this.#mode = 'refuse'
    return this.#server.listening ? this.#close() : Promise.resolve()
  }

  async #listen(): Promise<void> {
    this.#server = this.#newServer()
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#reset()
    await closed
  }

  #reset(): void {
    for (const { client, target } of this.#pairs) {
      client.resetAndDestroy()
      target.destroy()
    }
  }

  #newServer(): Server {
    return createServer((client) => {
      const target = connect(this.#target)
      const pair = { client, target }
      this.#pairs.add(pair)
      const end = () => {
        this.#pairs.delete(pair)
        client.destroy()
        target.destroy()
      }
      for (const socket of [client, target]) socket.on('error', end).on('close', end)
      client.pipe(target)
      if (this.#mode === 'cut') cut(pair)
      else target.pipe(client)
      if (this.#mode === 'hang') freeze(pair)
    })
  }
}

function freeze({ client, target }: Pair): void {
  for (const socket of [client, target]) {
    socket.unpipe()
    socket.pause()
  }
}

function cut({ client, target }: Pair): void {
  target.once('data', (answer: Buffer) => {
    client.write(answer.subarray(0, CUT_AFTER_BYTES), () => client.resetAndDestroy())
  })
}
