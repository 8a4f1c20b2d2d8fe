import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { buildConnector as BuildConnector } from 'undici'
// Not from the entry point, which also loads fetch, caches and mocks: 11 MB and some 50 ms in each engine.
import buildConnector from 'undici/lib/core/connect.js'
import Client from 'undici/lib/dispatcher/client.js'
import type { ConnectionPool, PoolOptions } from './connection-pool.ts'
import type { HttpAttempt } from './http-attempt.ts'

/** One connection of a pool: an undici client with one socket, which undici reopens when it was closed. */
export class Connection {
  readonly #pool: ConnectionPool
  readonly #client: Client
  readonly #attempts: HttpAttempt[] = []
  readonly #options: PoolOptions
  #socket: Socket | TLSSocket | undefined
  #corked: Socket | undefined
  /** Attempts to be dispatched once undici has come to the end of what fails. */
  #postponed: HttpAttempt[] | undefined
  #closed = false
  #seenProgressMs = 0
  #looks = 0
  /** Place in the pool's list. */
  index = 0
  /** When the last answer came, or the request that is now first went out. */
  progressMs = 0
  /** From then on it takes no more calls (contract 4.2, `pool_ttl`). */
  expiresMs = Number.POSITIVE_INFINITY
  /** Set once a call hung on it with others behind: it is closed after that call. */
  draining = false

  constructor(pool: ConnectionPool, options: PoolOptions) {
    this.#pool = pool
    this.#options = options
    this.#client = new Client(options.origin, {
      connect: this.#connector(),
      allowH2: false,
      pipelining: options.pipelining,
      keepAliveTimeout: options.idleMs,
      keepAliveMaxTimeout: options.idleMs,
      keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  /** Calls on this connection, the one being answered first. */
  get depth(): number {
    return this.#attempts.length
  }

  /** Calls on this connection that are not done. */
  get calls(): number {
    let calls = 0
    for (const attempt of this.#attempts) calls += attempt.calls
    return calls
  }

  /** Whether others may share it. */
  get isExclusive(): boolean {
    return this.#attempts[0]?.isExclusive === true
  }

  /** The socket of the newest attempt to connect. */
  get socket(): Socket | undefined {
    return this.#socket
  }

  carry(attempt: HttpAttempt, nowMs: number): void {
    if (this.#attempts.length === 0) this.progressMs = nowMs
    attempt.connection = this
    attempt.sentMs = nowMs
    this.#attempts.push(attempt)
    if (this.#postponed === undefined) this.#client.dispatch(attempt.dispatch, attempt)
    else this.#postponed.push(attempt)
  }

  /** Holds back what is written until {@link uncork}; false when it is held back already or not yet connected. */
  cork(): boolean {
    if (this.#corked !== undefined || this.#socket === undefined || this.#socket.connecting) return false
    this.#socket.cork()
    this.#corked = this.#socket
    return true
  }

  uncork(): void {
    this.#corked?.uncork()
    this.#corked = undefined
  }

  isHead(attempt: HttpAttempt): boolean {
    return this.#attempts[0] === attempt
  }

  /** The request is being written, for the first time or again after a reconnect. */
  started(attempt: HttpAttempt): void {
    const now = this.#options.clock.now()
    attempt.sentMs = now
    if (this.isHead(attempt)) this.progressMs = now
  }

  /** The attempt has ended on the wire. */
  finished(attempt: HttpAttempt, answered: boolean): void {
    const index = this.#attempts.indexOf(attempt)
    if (index === -1 || this.#closed) return
    this.#attempts.splice(index, 1)
    if (!answered) this.#postpone()
    const now = this.#options.clock.now()
    if (answered && !attempt.isExclusive) {
      this.#pool.mode?.answered(now - Math.max(this.progressMs, attempt.sentMs), now)
    }
    this.progressMs = now
    const { calls } = attempt
    attempt.calls = 0
    this.#pool.freed(this, calls, now)
  }

  /** The caller lost interest in an attempt that is not first: nothing may follow it, it would wait for nothing. */
  abandoned(attempt: HttpAttempt): void {
    if (this.#attempts.includes(attempt)) this.draining = true
  }

  /** How often this was asked before since the last progress. */
  looksWithoutProgress(): number {
    if (this.#seenProgressMs !== this.progressMs) {
      this.#seenProgressMs = this.progressMs
      this.#looks = 0
    } else {
      this.#looks++
    }
    return this.#looks
  }

  /** Sends everything behind the first call elsewhere. */
  displaceFollowers(): void {
    this.draining = true
    for (const attempt of this.#attempts.slice(1)) attempt.displace()
  }

  /** Closes at once; attempts still on it fail with `reason`. */
  close(reason: Error): void {
    if (this.#closed) return
    const attempts = this.#attempts.splice(0)
    this.#closed = true
    for (const attempt of attempts) {
      attempt.calls = 0
      attempt.cancel(reason)
    }
    this.#client.destroy(reason).catch(() => {
      // undici rejects only when told to destroy twice in a row; the connection is gone in any case.
    })
    this.#socket?.destroy()
    this.#socket = undefined
  }

  /** While undici fails its requests it must not be given new ones: it would take the process down with an assertion. */
  #postpone(): void {
    if (this.#postponed !== undefined) return
    this.#postponed = []
    queueMicrotask(() => {
      const postponed = this.#postponed ?? []
      this.#postponed = undefined
      for (const attempt of postponed) {
        if (!this.#closed) this.#client.dispatch(attempt.dispatch, attempt)
      }
    })
  }

  #connector(): BuildConnector.connector {
    const { secureContext, socketPath, connectMs, clock } = this.#options
    const connect = buildConnector({
      allowH2: false,
      timeout: 0,
      ...(socketPath === undefined ? {} : { socketPath }),
      ...(secureContext === undefined ? {} : { secureContext }),
    }) as (options: BuildConnector.Options, callback: BuildConnector.Callback) => Socket | TLSSocket
    return (options, callback) => {
      const socket = connect(options, (...result) => {
        disarm()
        this.expiresMs = clock.now() + this.#options.ttlMs()
        callback(...result)
      })
      this.#socket = socket
      const disarm = clock.after(connectMs, () => socket.destroy(connectTimeout(connectMs)))
      socket.once('close', disarm)
    }
  }
}

function connectTimeout(connectMs: number): Error {
  return Object.assign(new Error(`no connection within ${connectMs} ms`), { code: 'ETIMEDOUT' })
}

/** A server's `keep-alive: timeout` minus this: so much earlier the connection is closed from this side. */
const KEEP_ALIVE_MARGIN_MS = 1000
