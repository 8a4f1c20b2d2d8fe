import type { FunctionResponse, InvocationBatch, StatefunError, TypedValue } from '@statefun/protocol'
import type { BaseWriter, CheckpointStorage } from '../../checkpoint/storage.ts'
import { systemClock } from '../../clock.ts'
import type { Sink, SinkListener } from '../../connector/sink.ts'
import type { Source, SourceListener } from '../../connector/source.ts'
import { listPartition } from '../../core/testing/core-harness.ts'
import { silentLogger } from '../../logger.ts'
import type { Transport } from '../../transport/transport.ts'
import { Job } from '../job.ts'
import type { JobOptions } from '../job-options.ts'

/** A promise that a test settles. */
export class Gate<T = void> {
  readonly passed: Promise<T>
  open: (value: T) => void = () => undefined
  fail: (error: unknown) => void = () => undefined

  constructor() {
    this.passed = new Promise((resolve, reject) => {
      this.open = resolve
      this.fail = reject
    })
    this.passed.catch(() => undefined)
  }
}

/** A storage in memory that notes what is asked of it; every step can be held back or made to fail by a test. */
export class StubStorage implements CheckpointStorage {
  readonly identity = { app: 'test', lineage: 'test', parent: undefined }
  readonly calls: string[] = []
  readonly appended: number[] = []
  logBytes = 0
  baseBytes = 0
  opening: Promise<void> | undefined
  recovering: Promise<void> | undefined
  beginningBase: Promise<void> | undefined
  appending: ((epoch: number) => Promise<void>) | undefined

  async open(): Promise<void> {
    await this.opening
    this.calls.push('open')
  }

  async *recover() {
    await this.recovering
    yield* []
  }

  async append(epoch: number): Promise<void> {
    await this.appending?.(epoch)
    this.appended.push(epoch)
  }

  async beginBase(epoch: number): Promise<BaseWriter> {
    this.calls.push(`base ${epoch}`)
    await this.beginningBase
    this.logBytes = 0
    return {
      write: async () => undefined,
      publish: async () => void this.calls.push('publish'),
      abort: async () => void this.calls.push('abort'),
    }
  }

  async close(): Promise<void> {
    this.calls.push('close')
  }
}

/** One partition whose records a test adds. */
export class StubSource implements Source {
  readonly id = 'test/in'
  readonly records: [id: string, text: string][] = []
  readonly targets: readonly string[]
  readonly partition
  listener: SourceListener | undefined
  starting: Promise<void> | undefined
  stops = 0

  constructor(targets: readonly string[] = ['fn']) {
    this.targets = targets
    this.partition = listPartition('topic/0', this.records, targets)
  }

  async start(listener: SourceListener): Promise<void> {
    this.listener = listener
    listener.added(this.partition)
    listener.ready(this.partition)
    await this.starting
  }

  send(id: string, text: string): void {
    this.records.push([id, text])
    this.listener?.ready(this.partition)
  }

  committed(): void {}

  async stop(): Promise<void> {
    this.stops++
  }
}

/** An egress that notes what is written to it. */
export class StubSink implements Sink {
  readonly id = 'test/out'
  readonly saturated = false
  readonly written: string[] = []
  starting: Promise<void> | undefined
  listener: SinkListener | undefined
  stops = 0

  async start(listener: SinkListener): Promise<void> {
    this.listener = listener
    await this.starting
  }

  write(value: TypedValue): void {
    this.written.push(Buffer.from(value.value).toString())
  }

  nudge(): void {}

  async flush(): Promise<void> {}

  async stop(): Promise<void> {
    this.stops++
  }
}

/** A call that a test answers. */
export interface StubCall {
  readonly batch: InvocationBatch
  readonly answer: (response: FunctionResponse) => void
  readonly fail: (error: StatefunError) => void
}

/** A job whose surroundings are in a test's hands. */
export class JobKit {
  readonly storage = new StubStorage()
  readonly source: StubSource
  readonly sink = new StubSink()
  readonly calls: StubCall[] = []
  readonly job: Job

  constructor(over: Partial<JobOptions> = {}, targets?: readonly string[]) {
    this.source = new StubSource(targets)
    const transport: Transport = {
      concurrency: Number.POSITIVE_INFINITY,
      invoke: (batch) =>
        new Promise((resolve, reject) => this.calls.push({ batch, answer: resolve, fail: reject })),
      close: async () => undefined,
    }
    this.job = new Job({
      sources: [this.source],
      sinks: [this.sink],
      owner: 'test',
      bindings: [
        {
          namespace: 'test',
          name: 'fn',
          settings: { maxNumBatchRequests: 1000, failurePolicy: { type: 'fail' } },
        },
      ],
      transportFor: () => transport,
      storage: this.storage,
      checkpointIntervalMs: 60_000,
      compactAfterBytes: Number.POSITIVE_INFINITY,
      maxInFlight: 100,
      maxPendingMessages: 100,
      maxPendingBytes: 1_000_000,
      clock: systemClock,
      logger: silentLogger,
      ...over,
    })
  }
}
