import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP proxy on loopback. */
export class TcpProxy {
  readonly endpoint: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #target: number
  #state: 'open' | 'refusing' | 'silent' = 'open'
  #frozen = false

  private constructor(server: Server, target: number) {
    this.#server = server
    this.#target = target
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('connection', (socket) => this.#connected(socket))
  }

  static async to(endpoint: string): Promise<TcpProxy> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new TcpProxy(server, Number(new URL(endpoint).port))
  }

  /** Breaks all connections and every new one, as a process that is gone. */
  cut(): void {
    this.#state = 'refusing'
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Takes connections and requests, and never answers, as a process that is frozen. Requests sent meanwhile are lost. */
  freeze(): void {
    this.#state = 'silent'
    this.#frozen = true
  }

  /** Lets requests through, and breaks their connections before the answers. */
  swallowAnswers(): void {
    this.#frozen = true
  }

  restore(): void {
    this.#state = 'open'
    if (this.#frozen) for (const socket of this.#sockets) socket.destroy()
    this.#frozen = false
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #connected(socket: Socket): void {
    this.#track(socket)
    if (this.#state === 'refusing') {
      socket.destroy()
      return
    }
    const target = this.#track(connect(this.#target, '127.0.0.1'))
    socket.on('data', (bytes) => {
      if (this.#state === 'open') target.write(bytes)
    })
    target.on('data', (bytes) => {
      if (!this.#frozen) socket.write(bytes)
      else if (this.#state === 'open') socket.destroy()
    })
    socket.on('close', () => target.end())
    target.on('close', () => socket.destroy())
  }

  #track(socket: Socket): Socket {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
    return socket
  }
}
