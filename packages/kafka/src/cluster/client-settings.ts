import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { SASLOptions } from '@platformatic/kafka'

/** A broker's listener. */
export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

/** How to reach and talk to a cluster, for ingresses and egresses alike. Durations are milliseconds. */
export interface ClientSettings {
  readonly bootstrap: readonly BrokerAddress[]
  readonly clientId: string
  readonly tls: TlsOptions | undefined
  readonly sasl: SASLOptions | undefined
  readonly requestTimeoutMs: number
  readonly connectTimeoutMs: number
  /** How long a start waits for a cluster that cannot be reached. */
  readonly startTimeoutMs: number
  readonly metadataMaxAgeMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
}

/** `host:port, host:port` as people write it. */
export function formatBootstrap(settings: ClientSettings): string {
  return settings.bootstrap.map(({ host, port }) => `${host}:${port}`).join(',')
}
