import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Logger } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import type { Java } from '../java/java.ts'
import { acceptsConnections } from '../process/accepts-connections.ts'
import { type Child, startChild } from '../process/child.ts'
import { fatalLines } from '../process/fatal-lines.ts'
import { waitUntilReady } from '../process/wait-until-ready.ts'
import { type ClassArchive, classArchive } from './class-archive.ts'
import type { KafkaListener } from './config.ts'
import { KAFKA_VERSION } from './jars.ts'
import type { KafkaBroker, TopicOptions } from './kafka-broker.ts'
import { answersMetadata } from './probe.ts'

/** Everything a broker's process is started from. */
export interface BrokerProcessOptions {
  readonly java: Java
  readonly jars: readonly string[]
  /** Holds `server.properties`, the formatted `data` and an empty `tmp`. */
  readonly folder: string
  readonly logPath: string
  readonly ports: Readonly<Partial<Record<KafkaListener, number>>>
  readonly cache: string
  readonly heapMb: number
  readonly jvmFlags: readonly string[]
  readonly startTimeoutMs: number
  readonly logger: Logger | undefined
}

/**
 * A killed broker is still registered with a live session when it comes back, and is let in only once that session is over:
 * 9 s by default. The controller lives in the same process and takes the new length from its new settings.
 */
const RETURN_OVERRIDES = ['broker.session.timeout.ms=1500', 'broker.heartbeat.interval.ms=300']
const STOP_GRACE_MS = 10_000
const ARCHIVE_GRACE_MS = 30_000

/** The broker behind {@link KafkaBroker}: one folder and ports for its life, a process per start. */
export class BrokerProcess implements KafkaBroker {
  readonly version = KAFKA_VERSION
  readonly endpoints: Readonly<Partial<Record<KafkaListener, string>>>
  readonly bootstrap: string
  readonly logPath: string
  startMs = 0
  readonly #options: BrokerProcessOptions
  readonly #port: number
  #child: Child | undefined
  #archive: ClassArchive | undefined
  #stopped = false

  constructor(options: BrokerProcessOptions) {
    this.#options = options
    this.#port = options.ports.PLAINTEXT ?? 0
    this.bootstrap = `127.0.0.1:${this.#port}`
    this.endpoints = Object.fromEntries(
      Object.entries(options.ports).map(([name, port]) => [name, `127.0.0.1:${port}`]),
    )
    this.logPath = options.logPath
  }

  get pid(): number | undefined {
    return this.#running()?.pid
  }

  /**
   * Starts the process and waits for its first answer.
   *
   * @param overrides settings of this start alone, `name=value`
   */
  async start(overrides: readonly string[] = []): Promise<void> {
    const began = performance.now()
    const { java, jars, folder, cache, heapMb, jvmFlags, startTimeoutMs, logger } = this.#options
    const tmp = join(folder, 'tmp')
    const archive = classArchive(cache, java, tmp)
    const child = await startChild({
      name: 'Kafka broker',
      command: java.command,
      args: [
        `-Xmx${heapMb}m`,
        '-XX:+UseSerialGC',
        '-XX:-UsePerfData',
        '-Xshare:auto',
        // Without its warnings about classes that the archive leaves out, hundreds of lines.
        '-Xlog:disable',
        '-Xlog:all=error:stderr',
        ...archive.flags,
        ...jvmFlags,
        `-Djava.io.tmpdir=${tmp}`,
        '-Dorg.slf4j.simpleLogger.showDateTime=true',
        '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
        '-cp',
        jars.join(delimiter),
        'kafka.Kafka',
        join(folder, 'server.properties'),
        ...overrides.flatMap((setting) => ['--override', setting]),
      ],
      cwd: folder,
      logPath: this.logPath,
      removeWithParent: folder,
    })
    this.#child = child
    this.#archive = archive
    try {
      await waitUntilReady(child, () => this.#isReady(), { timeoutMs: startTimeoutMs })
    } catch (error) {
      await child.kill()
      throw explained(error, this.logPath)
    }
    this.startMs = Math.round(performance.now() - began)
    logger?.info(
      { bootstrap: this.bootstrap, pid: child.pid, startMs: this.startMs, log: this.logPath },
      'Kafka broker ready',
    )
  }

  async createTopic(name: string, options: TopicOptions = {}): Promise<void> {
    // Not before: a client of Kafka takes longer to load than all the rest that a start needs.
    const { createTopic } = await import('./create-topic.ts')
    await createTopic(this.bootstrap, name, options)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#end()
    await rm(this.#options.folder, { recursive: true, force: true })
  }

  async kill(): Promise<void> {
    await this.#child?.kill()
  }

  async restart(): Promise<void> {
    if (this.#stopped) {
      throw new StatefunError('SF_GATE_STOPPED', 'this Kafka broker was stopped and its data is deleted', {
        hint: 'use kill() before restart(), or start another one',
      })
    }
    const wasKilled = this.#running() === undefined
    await this.#end()
    await this.start(wasKilled ? RETURN_OVERRIDES : [])
  }

  pause(): void {
    this.#child?.signal('SIGSTOP')
  }

  resume(): void {
    this.#child?.signal('SIGCONT')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** The listeners open one after another. */
  async #isReady(): Promise<boolean> {
    if (!(await answersMetadata(this.#port))) return false
    const others = Object.values(this.#options.ports).filter((port) => port !== this.#port)
    return (await Promise.all(others.map((port) => acceptsConnections(port)))).every(Boolean)
  }

  #running(): Child | undefined {
    return this.#child?.exit === undefined ? this.#child : undefined
  }

  async #end(): Promise<void> {
    const child = this.#running()
    if (child === undefined) return
    // A frozen process would not see SIGTERM before the grace time is over.
    child.signal('SIGCONT')
    const exit = await child.stop(this.#archive?.writing ? ARCHIVE_GRACE_MS : STOP_GRACE_MS)
    if (exit.signal !== 'SIGKILL') this.#archive?.keep()
  }
}

/** With the log's reasons, where it has some, in place of its end. */
function explained(error: unknown, logPath: string): unknown {
  const excerpt = fatalLines(readFileSync(logPath, 'utf8'))
  if (!(error instanceof StatefunError) || excerpt === '') return error
  return new StatefunError(error.code, error.message, { where: logPath, excerpt, cause: error })
}
