import type { KafkaListener } from './config.ts'

/** A topic to create: one partition and the broker's settings unless said otherwise. */
export interface TopicOptions {
  /** Default 1. */
  readonly partitions?: number
  /** Topic settings by Kafka's names, such as `cleanup.policy`. */
  readonly config?: Readonly<Record<string, string>>
}

/** A real Kafka broker on this machine, alone in its cluster. */
export interface KafkaBroker extends AsyncDisposable {
  /** `127.0.0.1:<port>` of the listener without encryption and authentication. */
  readonly bootstrap: string
  /** `127.0.0.1:<port>` of every listener: those for SASL and TLS exist when asked for at the start. */
  readonly endpoints: Readonly<Partial<Record<KafkaListener, string>>>
  /** `3.9.1` */
  readonly version: string
  /** Process id; undefined when it is not running. */
  readonly pid: number | undefined
  /** The broker's log, over all its restarts. Gone after {@link KafkaBroker.stop}, unless it was given. */
  readonly logPath: string
  /** Milliseconds from the last start of the process to its first answer. */
  readonly startMs: number
  /**
   * Creates a topic and returns when it can be written.
   *
   * @throws StatefunError `SF_GATE_KAFKA_ADMIN`, also when there is such a topic
   */
  createTopic(name: string, options?: TopicOptions): Promise<void>
  /** Ends it in order (SIGTERM) and deletes its data. Once stopped it stays stopped. */
  stop(): Promise<void>
  /** SIGKILL: no goodbye, data stays as the disk has it. {@link KafkaBroker.restart} brings it back. */
  kill(): Promise<void>
  /** Ends it in order when it runs, then starts it with the same data on the same ports. */
  restart(): Promise<void>
  /** Freezes the process (SIGSTOP): connections stay open, nothing answers. */
  pause(): void
  /** Ends {@link KafkaBroker.pause}. */
  resume(): void
}
