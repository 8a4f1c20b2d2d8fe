import type { SecureContext } from 'node:tls'
import { Connection } from './connection.ts'
import { DeadlineQueue } from './deadline-queue.ts'
import type { HttpAttempt } from './http-attempt.ts'
import { PipeliningMode } from './pipelining-mode.ts'
import type { TransportClock } from './transport-clock.ts'

/** What the connections of a pool have in common. */
export interface PoolOptions {
  readonly origin: string
  readonly socketPath: string | undefined
  /** Undefined trusts the authorities that Node trusts. */
  readonly secureContext: SecureContext | undefined
  /** For opening a connection, and for waiting until one is free (contract 4.2). */
  readonly connectMs: number
  readonly size: number
  /** Lifetime of the next connection; infinite when it has none. */
  readonly ttlMs: () => number
  /** An unused connection is closed after so long. */
  readonly idleMs: number
  /** Most calls on one connection; 1 never lets one wait for another. */
  readonly pipelining: number
  readonly clock: TransportClock
}

/**
 * The connections to one server. A call takes the connection used last that is free; on a server that proves fast, calls
 * share connections once {@link SPREAD} of them are busy.
 */
export class ConnectionPool {
  readonly mode: PipeliningMode | undefined
  readonly #options: PoolOptions
  readonly #connections: Connection[] = []
  readonly #idle: Connection[] = []
  readonly #waiting = new Set<HttpAttempt>()
  readonly #waitDeadlines: DeadlineQueue<HttpAttempt>
  readonly #corked: Connection[] = []
  /** When the last answer came on any connection. */
  #progressMs = 0
  #cursor = 0
  #underWay = 0
  #stopStallWatch: (() => void) | undefined

  constructor(options: PoolOptions) {
    this.#options = options
    this.mode = options.pipelining > 1 ? new PipeliningMode(options.clock.now()) : undefined
    this.#waitDeadlines = new DeadlineQueue(options.connectMs, options.clock, (attempt) => {
      attempt.cancel(new Error(`no free connection within ${options.connectMs} ms (pool of ${options.size})`))
    })
  }

  /** Connections open or being opened. */
  get size(): number {
    return this.#connections.length
  }

  /** Calls that may be sent before others are done. */
  get room(): number {
    return this.#waiting.size > 0 ? 0 : this.#options.size - this.#underWay
  }

  /** Sends the attempt now, or as soon as a connection is free. */
  submit(attempt: HttpAttempt, nowMs: number): void {
    const connection = this.#waiting.size === 0 ? this.#pick(attempt, nowMs) : undefined
    if (connection === undefined) {
      this.#waiting.add(attempt)
      attempt.waitingIn = this
      attempt.waitDeadline = this.#waitDeadlines.add(attempt, nowMs)
      return
    }
    this.#carry(connection, attempt, nowMs)
  }

  /** An attempt that waits no longer. */
  leave(attempt: HttpAttempt): void {
    attempt.waitDeadline?.cancel()
    attempt.waitingIn = undefined
    this.#waiting.delete(attempt)
  }

  /** One of the calls that an attempt carries is done before the others. */
  done(attempt: HttpAttempt): void {
    if (attempt.calls === 0) return
    attempt.calls--
    if (attempt.connection === undefined) return
    this.#underWay--
    if (this.#waiting.size > 0) this.#carryWaiting(this.#options.clock.now())
  }

  /** Told by a connection whose attempt has ended, with so many calls left. */
  freed(connection: Connection, calls: number, nowMs: number): void {
    this.#underWay -= calls
    this.#progressMs = nowMs
    if (connection.draining) {
      this.#remove(connection, new Error('the connection was given up after a call hung on it'))
    } else if (connection.depth === 0) {
      if (nowMs >= connection.expiresMs) this.#remove(connection, new Error('pool_ttl is over'))
      else this.#idle.push(connection)
    }
    this.#carryWaiting(nowMs)
  }

  /** Closes all connections; attempts on them or waiting for one fail with `reason`. */
  close(reason: Error): void {
    this.#stopStallWatch?.()
    this.#stopStallWatch = undefined
    this.#waitDeadlines.clear()
    for (const attempt of [...this.#waiting]) attempt.cancel(reason)
    this.#waiting.clear()
    this.#idle.length = 0
    for (const connection of this.#connections.splice(0)) connection.close(reason)
  }

  #carryWaiting(nowMs: number): void {
    for (const attempt of this.#waiting) {
      const connection = this.#pick(attempt, nowMs)
      if (connection === undefined) return
      this.leave(attempt)
      this.#carry(connection, attempt, nowMs)
    }
  }

  /**
   * While connections are shared, what goes out in one turn of the event loop is written at its end, at once per
   * connection: writing is what a small call costs most.
   */
  #carry(connection: Connection, attempt: HttpAttempt, nowMs: number): void {
    this.#underWay += attempt.calls
    if (this.#isSharing() && connection.cork()) {
      if (this.#corked.length === 0) setImmediate(this.#uncork)
      this.#corked.push(connection)
    }
    connection.carry(attempt, nowMs)
    if (connection.depth > 1 && this.#stopStallWatch === undefined) this.#watchStalls()
  }

  /** Never more calls than `size` at once, shared connections or not: people limit a server's load with it. */
  #pick(attempt: HttpAttempt, nowMs: number): Connection | undefined {
    if (this.#underWay + attempt.calls > this.#options.size) return undefined
    if (attempt.isExclusive) return this.#exclusive(nowMs)
    const shared = this.#isSharing() ? this.#shared(nowMs) : undefined
    return shared ?? this.#takeIdle(nowMs) ?? this.#open()
  }

  #isSharing(): boolean {
    return this.mode?.narrow === true && this.#connections.length - this.#idle.length >= SPREAD
  }

  readonly #uncork = (): void => {
    for (const connection of this.#corked.splice(0)) connection.uncork()
  }

  /** One that nothing is on, of a few in turn: behind a load balancer they lead to different servers. */
  #exclusive(nowMs: number): Connection | undefined {
    if (this.#connections.length < SPREAD) return this.#open() ?? this.#takeIdle(nowMs)
    while (this.#idle.length > 0) {
      const connection = this.#idle.shift()!
      if (nowMs < connection.expiresMs) return connection
      this.#remove(connection, new Error('pool_ttl is over'))
    }
    return this.#open()
  }

  #takeIdle(nowMs: number): Connection | undefined {
    for (;;) {
      const connection = this.#idle.pop()
      if (connection === undefined || nowMs < connection.expiresMs) return connection
      this.#remove(connection, new Error('pool_ttl is over'))
    }
  }

  #open(): Connection | undefined {
    if (this.#connections.length >= this.#options.size) return undefined
    const connection = new Connection(this, this.#options)
    connection.index = this.#connections.length
    this.#connections.push(connection)
    return connection
  }

  /** The least loaded of a few busy connections, taken in turn from as few of them as the load needs. */
  #shared(nowMs: number): Connection | undefined {
    const wanted = Math.max(SPREAD, Math.ceil(this.#underWay / WANTED_DEPTH))
    const range = Math.min(wanted, this.#connections.length)
    let best: Connection | undefined
    for (let looked = 0; looked < CANDIDATES && looked < range; looked++) {
      this.#cursor = this.#cursor + 1 < range ? this.#cursor + 1 : 0
      const candidate = this.#connections[this.#cursor]
      if (candidate === undefined || candidate.draining || candidate.depth === 0 || candidate.isExclusive) {
        continue
      }
      if (candidate.depth >= this.#options.pipelining || nowMs >= candidate.expiresMs) continue
      if (this.#progressMs - candidate.progressMs > FRESH_MS) continue
      if (best === undefined || candidate.depth < best.depth) best = candidate
    }
    return best
  }

  #remove(connection: Connection, reason: Error): void {
    const last = this.#connections.pop()
    if (last !== undefined && last !== connection) {
      this.#connections[connection.index] = last
      last.index = connection.index
    }
    this.#underWay -= connection.calls
    connection.close(reason)
  }

  #watchStalls(): void {
    this.#stopStallWatch = this.#options.clock.after(STALL_LOOK_MS, () => {
      this.#stopStallWatch = undefined
      const now = this.#options.clock.now()
      let shared = false
      for (const connection of [...this.#connections]) {
        if (connection.depth < 2 || connection.draining) continue
        if (connection.looksWithoutProgress() < STALL_LOOKS) {
          shared = true
          continue
        }
        this.mode?.stalled(now)
        connection.displaceFollowers()
      }
      if (shared && this.#stopStallWatch === undefined) this.#watchStalls()
    })
  }
}

/** So many connections are busy before calls share any. */
const SPREAD = 16
const WANTED_DEPTH = 8
const CANDIDATES = 4
/** A call joins no connection that is so much behind the others. */
const FRESH_MS = 20
/**
 * Calls behind one that takes longer than about 250 to 375 ms go elsewhere. Looks are counted, not time, because while
 * this process itself stood still no connection could move.
 */
const STALL_LOOK_MS = 125
const STALL_LOOKS = 2
