import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls'
import type { Connection, SASLOptions } from '@platformatic/kafka'
import { NetworkError, Reader, TimeoutError, UserError, type Writer } from './client-library.ts'
import { FrameReader } from './frame-reader.ts'
import { frameRequest } from './request-frame.ts'
import { logIn } from './sasl-login.ts'

/** How to open a connection. Durations are milliseconds. */
export interface BrokerConnectionOptions {
  readonly clientId: string
  /** For the TCP and TLS handshakes. */
  readonly connectTimeoutMs: number
  /** From the sending of a request to its response; then the connection is given up. */
  readonly requestTimeoutMs: number
  readonly tls: TlsOptions | undefined
  readonly sasl: SASLOptions | undefined
  /** Called once when the connection is gone, whoever ended it. */
  readonly onClosed: () => void
}

type Parse<T> = (correlationId: number, apiKey: number, apiVersion: number, reader: Reader) => T

interface Request {
  readonly apiKey: number
  readonly apiVersion: number
  readonly createPayload: () => Writer
  readonly parse: Parse<unknown>
  readonly requestTags: boolean
  readonly responseTags: boolean
  readonly callback: (error: Error | null, response?: unknown) => void
  timeout?: NodeJS.Timeout
}

/** The bytes read at once, of all responses of one connection. */
const READ_BYTES = 64 * 1024
/** A login is renewed after this part of the time that the broker grants (KIP-368). */
const RENEW_AT = 0.8

/**
 * One TCP or TLS connection to a broker, which answers requests in their order. The calls of the client library run over its
 * {@link send}.
 *
 * The library's own connection collects a response in pieces and lays these out anew for each part that is read; here a response
 * is read into one buffer of its size, of which records are then views (decision 0003).
 */
export class BrokerConnection {
  readonly #options: BrokerConnectionOptions
  readonly #address: string
  readonly #socket: Socket
  readonly #frames: FrameReader
  readonly #inFlight = new Map<number, Request>()
  /** Requests that wait for the end of a login; undefined when none is under way. */
  #held: Request[] | undefined
  #lastCorrelationId = 0
  #renewal: NodeJS.Timeout | undefined
  #cause: Error | undefined
  #connected = false
  #closed = false

  /** Begins to connect; {@link ready} tells how that ended. */
  constructor(host: string, port: number, options: BrokerConnectionOptions) {
    this.#options = options
    this.#address = `${host}:${port}`
    this.#frames = new FrameReader((frame) => this.#respond(frame))
    const onread = {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (count: number, bytes: Uint8Array) => this.#read(bytes.subarray(0, count)),
    }
    const { tls } = options
    this.#socket =
      tls === undefined
        ? connectTcp({ host, port, onread })
        : connectTls({ ...tls, host, port, onread } as TlsOptions)
    this.#socket.setNoDelay(true)
    this.#socket.on('error', (error) => {
      this.#cause ??= error
    })
    this.#socket.once('close', () => this.#onClose())
  }

  /**
   * Waits for the connection and logs in; to be called once, and at once.
   *
   * @throws the library's errors: NetworkError or TimeoutError, and as the cause of the former AuthenticationError or UserError
   *   for a refusal that a retry cannot mend
   */
  async ready(): Promise<void> {
    try {
      await this.#established()
      if (this.#options.sasl !== undefined) await this.#logIn(this.#options.sasl)
    } catch (error) {
      this.destroy()
      if (error instanceof TimeoutError) throw error
      throw new NetworkError(`Connection to ${this.#address} failed.`, { cause: error as Error })
    }
  }

  /** For the library's calls, which use nothing of a connection but its `send`. */
  get forCalls(): Connection {
    return this as unknown as Connection
  }

  isConnected(): boolean {
    return this.#connected && !this.#closed
  }

  /**
   * Sends a request; requests are answered in their order.
   *
   * @param createPayload the body; what it consists of must stay untouched until the callback is called
   * @param requestTags whether the header of the request has tagged fields
   * @param responseTags whether the header of the response has tagged fields
   * @param callback gets the response or the library's error, once; for a request without a response, when its bytes are handed
   *   to the socket
   */
  send(
    apiKey: number,
    apiVersion: number,
    createPayload: () => Writer,
    parse: Parse<unknown>,
    requestTags: boolean,
    responseTags: boolean,
    callback: Request['callback'],
  ): void {
    const request = { apiKey, apiVersion, createPayload, parse, requestTags, responseTags, callback }
    if (this.#held === undefined) this.#send(request)
    else this.#held.push(request)
  }

  /** Ends the connection when what was sent is on its way; requests under way fail. */
  async close(): Promise<void> {
    if (this.#closed) return
    const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()))
    this.#socket.destroySoon()
    await closed
  }

  /** Ends the connection at once; requests under way fail. */
  destroy(): void {
    this.#socket.destroy()
  }

  #established(): Promise<void> {
    const { tls, connectTimeoutMs } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timeout = setTimeout(
      () => reject(new TimeoutError(`Connection to ${this.#address} timed out.`, { canRetry: true })),
      connectTimeoutMs,
    )
    this.#socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      this.#connected = true
      resolve()
    })
    this.#socket.once('close', () => {
      const error = this.#cause ?? new NetworkError('Connection closed')
      const untalkative = tls !== undefined && error.message.includes('secure TLS connection was established')
      reject(
        untalkative
          ? new UserError('TLS handshake failed. Please verify the broker supports TLS.', { cause: error })
          : error,
      )
    })
    return promise.finally(() => clearTimeout(timeout))
  }

  /** Other requests wait meanwhile: until a login is done, the broker takes nothing else. */
  async #logIn(sasl: SASLOptions): Promise<void> {
    this.#held ??= []
    const send: BrokerConnection['send'] = (
      apiKey,
      apiVersion,
      createPayload,
      parse,
      requestTags,
      responseTags,
      callback,
    ) => this.#send({ apiKey, apiVersion, createPayload, parse, requestTags, responseTags, callback })
    const lifetimeMs = await logIn({ send } as unknown as Connection, sasl)
    if (lifetimeMs > 0) {
      this.#renewal = setTimeout(() => {
        this.#logIn(sasl).catch((error: Error) => {
          this.#cause ??= error
          this.destroy()
        })
      }, lifetimeMs * RENEW_AT)
    }
    const held = this.#held
    this.#held = undefined
    for (const request of held) this.#send(request)
  }

  #send(request: Request): void {
    const { callback } = request
    if (this.#closed || !this.#socket.writable) {
      callback(this.#closedError())
      return
    }
    let payload: Writer
    try {
      payload = request.createPayload()
    } catch (error) {
      callback(error as Error)
      return
    }
    // 31 bits: the protocol's number is signed.
    const correlationId = (this.#lastCorrelationId + 1) & 0x7fffffff
    this.#lastCorrelationId = correlationId
    const pieces = frameRequest(
      { ...request, correlationId, clientId: this.#options.clientId },
      payload.buffers,
    )
    const unanswered = payload.context.noResponse === true
    if (!unanswered) {
      this.#inFlight.set(correlationId, request)
      request.timeout = setTimeout(() => this.#timedOut(correlationId), this.#options.requestTimeoutMs)
    }
    if (pieces.length > 1) this.#socket.cork()
    for (const [index, piece] of pieces.entries()) {
      const handedOver = unanswered && index === pieces.length - 1
      this.#socket.write(piece, handedOver ? (error) => callback(error ?? null) : undefined)
    }
    if (pieces.length > 1) this.#socket.uncork()
  }

  #read(bytes: Uint8Array): boolean {
    try {
      this.#frames.read(bytes)
    } catch (error) {
      // What does not speak the protocol is no broker, or one that wants TLS.
      this.#fail(error as Error)
    }
    return true
  }

  #respond(frame: Buffer): void {
    const correlationId = frame.readInt32BE(0)
    const request = this.#inFlight.get(correlationId)
    if (request === undefined) {
      throw new NetworkError(`a response with correlation id ${correlationId} answers no request`)
    }
    this.#inFlight.delete(correlationId)
    clearTimeout(request.timeout)
    let response: unknown
    try {
      // Tagged fields of a header are empty, one byte: Kafka has defined none.
      const reader = Reader.from(frame.subarray(request.responseTags ? 5 : 4))
      response = request.parse(correlationId, request.apiKey, request.apiVersion, reader)
    } catch (error) {
      request.callback(error as Error)
      return
    }
    request.callback(null, response)
  }

  #timedOut(correlationId: number): void {
    const request = this.#inFlight.get(correlationId)
    this.#inFlight.delete(correlationId)
    request?.callback(new TimeoutError('Request timed out', { canRetry: true }))
    this.destroy()
  }

  #fail(error: Error): void {
    this.#cause ??= error
    this.#failAll(error)
    this.destroy()
  }

  #onClose(): void {
    this.#closed = true
    clearTimeout(this.#renewal)
    this.#options.onClosed()
    this.#failAll(this.#closedError())
  }

  #failAll(error: Error): void {
    const requests = [...this.#inFlight.values(), ...(this.#held ?? [])]
    this.#inFlight.clear()
    this.#held = undefined
    for (const { timeout, callback } of requests) {
      clearTimeout(timeout)
      callback(error)
    }
  }

  #closedError(): Error {
    return new NetworkError('Connection closed', this.#cause === undefined ? {} : { cause: this.#cause })
  }
}
