import {
  encodeToFunction,
  type FunctionResponse,
  type InvocationBatch,
  MULTI_CALL_TYPE,
} from '@statefun/protocol'
import type { Logger } from '../logger.ts'
import type { AsyncTransport, EndpointDefinition } from '../module/model.ts'
import type { ConnectionPool } from './connection-pool.ts'
import { DeadlineQueue } from './deadline-queue.ts'
import { type EndpointTarget, parseEndpointUrl } from './endpoint-url.ts'
import { type CallContext, HttpCall } from './http-call.ts'
import { HttpPools, OKHTTP_POOL_SIZE } from './http-pools.ts'
import { MultiCallGate } from './multi-call-gate.ts'
import { loadTlsMaterial } from './tls-material.ts'
import type { AttemptObserver, Transport } from './transport.ts'
import { systemTransportClock, type TransportClock } from './transport-clock.ts'
import { closedError } from './transport-errors.ts'

/** What an HTTP transport is made of. */
export interface HttpTransportOptions {
  readonly endpoint: EndpointDefinition
  /** The function to call; its name goes into `{function.name}` of the endpoint's URL. */
  readonly functionType: { readonly namespace: string; readonly name: string }
  readonly observer: AttemptObserver
  readonly logger: Logger
  /** The process's own by default. */
  readonly clock?: TransportClock
  /** Shares connections with other transports to the same server; by default the transport has its own. */
  readonly pools?: HttpPools
}

/**
 * Calls one function type over HTTP as module.yaml says, with the retries and budgets of its transport type (contract
 * 1.2, 1.6, 4.2). Files of the TLS options are read at once.
 *
 * @throws StatefunError `SF_TRANSPORT_URL`, `SF_TRANSPORT_TLS`. Calls reject with `SF_TRANSPORT_BUDGET_EXHAUSTED`,
 * `SF_TRANSPORT_REFUSED` (okhttp only: an answer that is not retried) or `SF_TRANSPORT_CLOSED`.
 *
 * @example
 * const transport = createHttpTransport({ endpoint, functionType: { namespace: 'example', name: 'counter' }, observer, logger })
 * const response = await transport.invoke(batch)
 * await transport.close()
 */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  return new HttpTransport(options)
}

class HttpTransport implements Transport {
  readonly concurrency: number
  readonly #context: CallContext
  readonly #calls = new Set<HttpCall>()
  readonly #releasePools: () => void
  #closed = false

  constructor(options: HttpTransportOptions) {
    const { endpoint, functionType, observer, logger, clock = systemTransportClock } = options
    const { transport } = endpoint
    this.concurrency = transport.type === 'async' ? transport.poolSize : OKHTTP_POOL_SIZE
    const target = parseEndpointUrl(endpoint.urlPathTemplate, functionType.name, transport.type)
    const lease = (options.pools ?? new HttpPools(clock)).lease({
      transport,
      secureContext: transport.type === 'async' ? loadTlsMaterial(transport) : undefined,
    })
    this.#releasePools = lease.release
    const pool = lease.poolFor(target)
    const budget = `no answer within the call's ${transport.callMs} ms`
    this.#context = {
      type: transport.type,
      functionName: `${functionType.namespace}/${functionType.name}`,
      budgetMs: transport.callMs,
      target,
      pool,
      poolFor: lease.poolFor,
      headers: transport.type === 'async' ? asyncHeaders(target.host) : okHttpHeaders(target.host),
      limits:
        transport.type === 'async'
          ? { ...ORDINARY, maxBytes: transport.payloadMaxBytes, reportRedirects: false }
          : { ...ORDINARY, maxBytes: PROTOBUF_MAX_BYTES, reportRedirects: true },
      clock,
      observer,
      logger,
      budgets: new DeadlineQueue(transport.callMs, clock, (call) => call.expire(budget)),
      reads: transport.type === 'okhttp' ? this.#phase('read', transport.readMs, clock) : undefined,
      writes: transport.type === 'okhttp' ? this.#phase('write', transport.writeMs, clock) : undefined,
      gate:
        endpoint.multiCall && transport.type === 'async'
          ? this.#gate(transport, target, pool, clock)
          : undefined,
      ended: (call) => this.#calls.delete(call),
    }
  }

  invoke(batch: InvocationBatch): Promise<FunctionResponse> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw this.#closedError()
      const body = encodeToFunction(batch)
      this.#calls.add(new HttpCall(this.#context, batch.target.id, body, resolve, reject))
    })
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true
      const error = this.#closedError()
      for (const call of [...this.#calls]) call.abort(error)
      this.#context.budgets.clear()
      this.#context.reads?.clear()
      this.#context.writes?.clear()
      this.#releasePools()
    }
    return Promise.resolve()
  }

  #phase(name: string, durationMs: number, clock: TransportClock): DeadlineQueue<HttpCall> {
    return new DeadlineQueue(durationMs, clock, (call) =>
      call.expire(`no progress for ${durationMs} ms (${name})`),
    )
  }

  #gate(
    { payloadMaxBytes }: AsyncTransport,
    { path, host }: EndpointTarget,
    pool: ConnectionPool,
    clock: TransportClock,
  ): MultiCallGate {
    const headers = multiCallHeaders(host)
    return new MultiCallGate({ path, headers, maxBytes: payloadMaxBytes, pool, clock })
  }

  #closedError() {
    return closedError(this.#context.functionName, this.#context.target.display)
  }
}

/** In the order of contract 1.2; `connection: keep-alive` and `content-length` are written by undici. */
function asyncHeaders(host: string): string[] {
  return [
    'content-type',
    'application/octet-stream',
    'accept',
    'application/octet-stream',
    'accept-encoding',
    'gzip,deflate',
    'user-agent',
    'statefun',
    'host',
    host,
  ]
}

function multiCallHeaders(host: string): string[] {
  return ['content-type', MULTI_CALL_TYPE, 'accept', MULTI_CALL_TYPE, 'user-agent', 'statefun', 'host', host]
}

function okHttpHeaders(host: string): string[] {
  return [
    'content-type',
    'application/octet-stream',
    'accept-encoding',
    'gzip',
    'user-agent',
    'statefun',
    'host',
    host,
  ]
}

/** The answer to a call that goes alone (contract 1.2). */
const ORDINARY = { contentType: 'application/octet-stream', isStreamed: false }
/** okhttp sets no limit of its own; no protobuf message is larger. */
const PROTOBUF_MAX_BYTES = 2 ** 31 - 1
