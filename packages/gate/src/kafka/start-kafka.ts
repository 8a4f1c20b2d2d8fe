import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { cacheDir } from '../fetch/cache-dir.ts'
import { type FetchArtifactsOptions, fetchArtifacts } from '../fetch/fetch-artifacts.ts'
import { findJava } from '../java/java.ts'
import { freePorts } from '../process/free-ports.ts'
import { BrokerProcess } from './broker-process.ts'
import {
  brokerSettings,
  type KafkaListener,
  type KafkaSettings,
  type KafkaTls,
  type KafkaUsers,
  toProperties,
} from './config.ts'
import { KAFKA_JARS, KAFKA_VERSION } from './jars.ts'
import type { KafkaBroker } from './kafka-broker.ts'
import { formatStorage } from './storage.ts'

/** What {@link startKafka} is doing. */
export type KafkaProgress =
  | { readonly phase: 'fetch'; readonly coordinate: string; readonly done: number; readonly total: number }
  | { readonly phase: 'start' }
  | { readonly phase: 'ready'; readonly bootstrap: string; readonly startMs: number }

/** Options of {@link startKafka}; all may be left out. */
export interface StartKafkaOptions {
  /** The only release pinned so far is the default. */
  readonly version?: string
  /** Where fetched jars are kept; default `STATEFUN_CACHE` or the system's place for caches. */
  readonly cacheDir?: string
  /** Where jars come from; default as {@link fetchArtifacts} says. */
  readonly repository?: FetchArtifactsOptions['repository']
  /** Where its log goes, to stay after its end; default: its temporary folder. */
  readonly logPath?: string
  readonly logger?: Logger
  readonly onProgress?: (progress: KafkaProgress) => void
  /** Broker settings by Kafka's names, over the defaults of {@link brokerSettings}. */
  readonly config?: KafkaSettings
  /** Adds the listener `SASL_PLAINTEXT` (mechanism PLAIN), and `SASL_SSL` when there is `tls` too. */
  readonly users?: KafkaUsers
  /** Adds the listener `SSL`. */
  readonly tls?: KafkaTls
  /** Largest Java heap in MiB; default 384. */
  readonly heapMb?: number
  /** Further JVM flags; default none. */
  readonly jvmFlags?: readonly string[]
  /** Milliseconds that a start may take; default 60000. */
  readonly startTimeoutMs?: number
}

const START_ATTEMPTS = 3

/**
 * Starts a real Apache Kafka (KRaft, one node) on 127.0.0.1 with random ports and returns when it answers clients. The jars
 * are fetched on first use (40 MB); data lies in a temporary folder that {@link KafkaBroker.stop} deletes. The broker dies
 * with this process, however that ends.
 *
 * @throws StatefunError `SF_GATE_NO_JAVA`; `SF_GATE_FETCH_FAILED`, `SF_GATE_NO_MAVEN`, `SF_GATE_CHECKSUM`;
 * `SF_GATE_START_FAILED`, `SF_GATE_START_TIMEOUT` (its folder then stays for a look at the log);
 * `SF_GATE_KAFKA_VERSION`
 *
 * @example
 * await using kafka = await startKafka()
 * await kafka.createTopic('orders', { partitions: 2 })
 * const producer = new Producer({ bootstrapBrokers: [kafka.bootstrap], clientId: 'example' })
 */
export async function startKafka(options: StartKafkaOptions = {}): Promise<KafkaBroker> {
  const version = options.version ?? KAFKA_VERSION
  if (version !== KAFKA_VERSION) {
    throw new StatefunError('SF_GATE_KAFKA_VERSION', `Kafka ${version} is not known here`, {
      hint: `the nearest known release is ${KAFKA_VERSION}`,
    })
  }
  const cache = options.cacheDir ?? cacheDir()
  const [java, jars] = await Promise.all([
    findJava(),
    fetchArtifacts(KAFKA_JARS, {
      cacheDir: cache,
      ...(options.repository === undefined ? {} : { repository: options.repository }),
      onProgress: (progress) => {
        options.logger?.info({ ...progress }, 'Kafka archive fetched')
        options.onProgress?.({ phase: 'fetch', ...progress })
      },
    }),
  ])
  const listeners = listenersFor(options)
  for (let attempt = 1; ; attempt += 1) {
    options.onProgress?.({ phase: 'start' })
    const [controllerPort = 0, ...listenerPorts] = await freePorts(listeners.length + 1)
    const ports = Object.fromEntries(listeners.map((name, index) => [name, listenerPorts[index]]))
    const folder = layOutFolder((dataDir) =>
      brokerSettings({
        dataDir,
        controllerPort,
        ports,
        users: options.users,
        tls: options.tls,
        overrides: options.config,
      }),
    )
    const broker = new BrokerProcess({
      java,
      jars,
      folder,
      logPath: options.logPath ?? join(folder, 'broker.log'),
      ports,
      cache,
      heapMb: options.heapMb ?? 384,
      jvmFlags: options.jvmFlags ?? [],
      startTimeoutMs: options.startTimeoutMs ?? 60_000,
      logger: options.logger,
    })
    try {
      await broker.start()
      options.onProgress?.({ phase: 'ready', bootstrap: broker.bootstrap, startMs: broker.startMs })
      return broker
    } catch (error) {
      if (attempt === START_ATTEMPTS || !lostItsPort(error)) throw error
      await rm(folder, { recursive: true, force: true })
    }
  }
}

function listenersFor(options: StartKafkaOptions): KafkaListener[] {
  const listeners: KafkaListener[] = ['PLAINTEXT']
  if (options.users !== undefined) listeners.push('SASL_PLAINTEXT')
  if (options.tls !== undefined) listeners.push('SSL')
  if (options.users !== undefined && options.tls !== undefined) listeners.push('SASL_SSL')
  return listeners
}

function layOutFolder(settings: (dataDir: string) => KafkaSettings): string {
  const folder = mkdtempSync(join(tmpdir(), 'statefun-kafka-'))
  const dataDir = join(folder, 'data')
  formatStorage(dataDir)
  mkdirSync(join(folder, 'tmp'))
  writeFileSync(join(folder, 'server.properties'), toProperties(settings(dataDir)), { mode: 0o600 })
  return folder
}

/** Another process took the port between our look and the broker's. */
function lostItsPort(error: unknown): boolean {
  return error instanceof StatefunError && (error.excerpt ?? '').includes('Address already in use')
}
