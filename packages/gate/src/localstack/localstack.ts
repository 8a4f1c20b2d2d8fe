/** A service of AWS that is started. */
export type LocalStackService = 's3' | 'kinesis'

/** A stream to create. */
export interface StreamOptions {
  /** Default 1. */
  readonly shards?: number
  /** Default {@link LocalStack.region}; streams of another one are others, whatever their names. */
  readonly region?: string
}

/** A running LocalStack: S3 and Kinesis of AWS on this machine. */
export interface LocalStack extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, for all services. */
  readonly endpoint: string
  /** `4.1.1` */
  readonly version: string
  readonly region: string
  /** It takes any; these are its usual ones. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Process id; undefined when it is not running. */
  readonly pid: number | undefined
  /** Gone after {@link LocalStack.stop}, unless it was given. */
  readonly logPath: string
  /** Milliseconds from the start of the process until it was ready. */
  readonly startMs: number
  /**
   * Creates a bucket; fine when there is one.
   *
   * @throws StatefunError `SF_GATE_LOCALSTACK`
   */
  createBucket(name: string): Promise<void>
  /**
   * Creates a stream of Kinesis and waits until records may come; fine when there is one, whose shards stay as they are.
   *
   * @throws StatefunError `SF_GATE_LOCALSTACK`
   */
  createStream(name: string, options?: StreamOptions): Promise<void>
  /**
   * As {@link LocalStack.createStream}, and returns as soon as the stream is active: what reads it may start then, records may
   * come when `settled` is over, which never rejects.
   *
   * @throws StatefunError `SF_GATE_LOCALSTACK`
   */
  beginStream(name: string, options?: StreamOptions): Promise<{ readonly settled: Promise<void> }>
  /** Ends it and deletes its data. */
  stop(): Promise<void>
  /** Freezes the process (SIGSTOP): connections stay open, nothing answers. */
  pause(): void
  /** Ends {@link LocalStack.pause}. */
  resume(): void
}
