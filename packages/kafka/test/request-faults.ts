import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** Keys of the Kafka protocol's requests. */
export const API = {
  produce: 0,
  offsetFetch: 9,
  findCoordinator: 10,
  initProducerId: 22,
  addPartitionsToTxn: 24,
  addOffsetsToTxn: 25,
  endTxn: 26,
  txnOffsetCommit: 28,
} as const

/**
 * What happens to a request: its connection breaks before it is sent; or after, so that the broker does what is asked and the
 * answer is lost; or it is sent so many milliseconds late.
 */
export type RequestFault = 'unsent' | 'unanswered' | number

interface Armed {
  readonly apiKey: number
  readonly fault: RequestFault
  skip: number
}

/** Harms requests of this process to the broker at a port; each fault happens once. */
export class RequestFaults {
  /** How many faults happened. */
  happened = 0
  readonly #port: number
  #armed: Armed[] = []

  constructor(bootstrap: string) {
    this.#port = Number(bootstrap.split(':')[1])
    subscribe('net.client.socket', this.#watch)
  }

  /** @param skip so many requests of this kind go well first */
  arm(apiKey: number, fault: RequestFault, skip = 0): void {
    this.#armed.push({ apiKey, fault, skip })
  }

  stop(): void {
    unsubscribe('net.client.socket', this.#watch)
    this.#armed = []
  }

  #watch = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket }
    // Connecting gives a socket its own `write` back.
    socket.once('connect', () => {
      if (socket.remotePort === this.#port) this.#intercept(socket)
    })
  }

  #intercept(socket: Socket): void {
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
    // A request comes in several pieces; the first begins with its length and the number of its kind.
    let missing = 0
    let fault: RequestFault | undefined
    socket.write = (...args: unknown[]): boolean => {
      const piece = args[0] as Buffer
      const isFirst = missing === 0
      if (isFirst) {
        missing = 4 + piece.readInt32BE(0)
        fault = this.#take(piece.readInt16BE(4))
      }
      missing -= piece.length
      if (fault === undefined) return write(...args)
      if (typeof fault === 'number') {
        setTimeout(() => write(...args), fault)
      } else if (fault === 'unanswered') {
        socket.pause()
        write(...args)
        if (missing === 0) setTimeout(() => socket.destroy(), 40)
      } else if (isFirst) setImmediate(() => socket.destroy())
      return true
    }
  }

  #take(apiKey: number): RequestFault | undefined {
    const armed = this.#armed.find((each) => each.apiKey === apiKey)
    if (armed === undefined || armed.skip-- > 0) return undefined
    this.#armed = this.#armed.filter((each) => each !== armed)
    this.happened++
    return armed.fault
  }
}
