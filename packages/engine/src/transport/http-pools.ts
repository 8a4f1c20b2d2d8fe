import type { SecureContext } from 'node:tls'
import type { AsyncTransport, OkHttpTransport } from '../module/model.ts'
import { ConnectionPool, type PoolOptions } from './connection-pool.ts'
import type { EndpointTarget } from './endpoint-url.ts'
import { systemTransportClock, type TransportClock } from './transport-clock.ts'

/** The pools one transport uses, until it releases them. */
export interface PoolLease {
  poolFor(this: void, target: EndpointTarget): ConnectionPool
  /** Closes the pools that nobody else leases. */
  release(this: void): void
}

/**
 * The connections of all HTTP transports of an engine: transports with the same server and the same connection options
 * share a pool. A pool lives as long as a transport leases it.
 *
 * @example
 * const pools = new HttpPools()
 * const transports = functionTypes.map((functionType) => createHttpTransport({ endpoint, functionType, observer, logger, pools }))
 */
export class HttpPools {
  readonly #pools = new Map<string, { readonly pool: ConnectionPool; leases: number }>()
  readonly #clock: TransportClock

  constructor(clock: TransportClock = systemTransportClock) {
    this.#clock = clock
  }

  /** Pools open now. */
  get size(): number {
    return this.#pools.size
  }

  /** Pools with the options of `transport`, opened when first asked for. */
  lease(options: {
    readonly transport: AsyncTransport | OkHttpTransport
    readonly secureContext: SecureContext | undefined
  }): PoolLease {
    const leased = new Set<string>()
    return {
      poolFor: (target) => {
        const key = poolKey(options.transport, target)
        let entry = this.#pools.get(key)
        if (entry === undefined) {
          entry = { pool: this.#open(options.transport, options.secureContext, target), leases: 0 }
          this.#pools.set(key, entry)
        }
        if (!leased.has(key)) {
          leased.add(key)
          entry.leases++
        }
        return entry.pool
      },
      release: () => {
        for (const key of leased) {
          const entry = this.#pools.get(key)
          if (entry === undefined || --entry.leases > 0) continue
          this.#pools.delete(key)
          entry.pool.close(new Error('the transport was closed'))
        }
        leased.clear()
      },
    }
  }

  #open(
    transport: AsyncTransport | OkHttpTransport,
    secureContext: SecureContext | undefined,
    target: EndpointTarget,
  ): ConnectionPool {
    const server = { origin: target.origin, socketPath: target.socketPath, secureContext, clock: this.#clock }
    return new ConnectionPool({ ...server, ...connectionOptions(transport) })
  }
}

function connectionOptions(
  transport: AsyncTransport | OkHttpTransport,
): Pick<PoolOptions, 'connectMs' | 'size' | 'ttlMs' | 'idleMs' | 'pipelining'> {
  const { connectMs } = transport
  if (transport.type === 'okhttp') {
    return { connectMs, size: OKHTTP_POOL_SIZE, ttlMs: () => Infinity, idleMs: OKHTTP_IDLE_MS, pipelining: 1 }
  }
  const { poolTtlMs, poolSize } = transport
  return {
    connectMs,
    size: poolSize,
    ttlMs: () =>
      poolTtlMs === 0 ? Infinity : poolTtlMs + TTL_JITTER_LEAST_MS + Math.random() * TTL_JITTER_MS,
    idleMs: poolTtlMs === 0 ? LONGEST_IDLE_MS : poolTtlMs,
    pipelining: ASYNC_PIPELINING,
  }
}

function poolKey(transport: AsyncTransport | OkHttpTransport, target: EndpointTarget): string {
  const { type, connectMs } = transport
  const server = [type, target.origin, target.socketPath, connectMs]
  if (transport.type === 'okhttp') return JSON.stringify(server)
  const { poolTtlMs, poolSize, trustCacerts, clientCert, clientKey, clientKeyPassword } = transport
  return JSON.stringify([
    ...server,
    poolTtlMs,
    poolSize,
    trustCacerts,
    clientCert,
    clientKey,
    clientKeyPassword,
  ])
}

/** okhttp: 1024 connections, closed after 1 minute without use; it never pipelines (contract 4.2). */
export const OKHTTP_POOL_SIZE = 1024
const OKHTTP_IDLE_MS = 60_000
/** Contract 4.2: `pool_ttl` plus 1 to 3 s, so that connections of one age do not all end at once. */
const TTL_JITTER_LEAST_MS = 1000
const TTL_JITTER_MS = 2000
/** With `pool_ttl: 0`, which keeps connections for ever, they still end when nobody used them for so long. */
const LONGEST_IDLE_MS = 600_000
const ASYNC_PIPELINING = 16
