import { backoffMs, type Route, type SourceListener } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { KinesisPartition } from './kinesis-partition.ts'
import { streamKey } from './reads/kinesis-reads.ts'
import { FIRST_RETRY_MS, LONGEST_RETRY_MS, startDeadline, type Verdict } from './reads/read-failures.ts'
import { PollingReader } from './shards/polling-reader.ts'
import type { Reader, ReaderContext, ReaderOwner } from './shards/reader.ts'
import type { Shard } from './shards/shard.ts'
import { ShardGraph, type StartingShard, type StreamStart } from './shards/shard-graph.ts'
import { formatPosition, type ShardPosition } from './shards/shard-position.ts'
import { Sleeper } from './sleeper.ts'

/** Children of a shard that ended are looked for this often. */
const MISSING_CHILDREN_MS = 500

/** What the reader of one stream is told. */
export interface StreamReaderOptions {
  readonly context: ReaderContext
  readonly route: Route
  readonly start: StreamStart
  /** Positions of the checkpoint by shard id. */
  readonly restored: ReadonlyMap<string, ShardPosition>
  readonly listener: SourceListener
  /** Milliseconds between two listings of the shards. */
  readonly discoveryMs: number
  /** Done before any shard is read. */
  readonly prepare?: (signal: AbortSignal) => Promise<void>
  /** Makes a reader; default one that polls. */
  readonly makeReader?: (partition: KinesisPartition, owner: ReaderOwner) => Reader
}

/** Reads one stream: finds its shards, starts them in their order, and ends with {@link stop}. */
export class StreamReader implements ReaderOwner {
  readonly #options: StreamReaderOptions
  readonly #graph: ShardGraph
  readonly #sleeper: Sleeper
  readonly #abort = new AbortController()
  readonly #readers = new Map<string, Reader>()
  readonly #children = new Map<string, readonly Shard[]>()
  readonly #running = new Set<Promise<void>>()
  /** Shards that ended and whose children no listing has named yet. */
  readonly #childless = new Set<string>()
  #stopped = false

  constructor(options: StreamReaderOptions) {
    this.#options = options
    this.#graph = new ShardGraph(options.start, options.restored)
    this.#sleeper = new Sleeper(options.context.clock)
  }

  /** @throws StatefunError when the stream cannot be read, or Kinesis does not answer for a minute */
  async start(): Promise<void> {
    const { clock } = this.#options.context
    const deadline = startDeadline(clock)
    const shards = await this.#listForStart(deadline)
    await this.#options.prepare?.(this.#abort.signal)
    const starting = this.#graph.listed(shards)
    await Promise.all(starting.map((each) => this.#begin(each)))
    this.#release()
    this.#run(this.#discover())
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#abort.abort()
    this.#sleeper.wake()
    for (const reader of this.#readers.values()) reader.stop()
    await Promise.all(this.#running)
    for (const { partition } of this.#readers.values()) partition.clear()
  }

  ready(partition: KinesisPartition): void {
    this.#options.listener.ready(partition)
  }

  ended(partition: KinesisPartition, children: readonly Shard[]): void {
    this.#children.set(partition.shard.id, children)
    partition.end()
  }

  failed(error: StatefunError): void {
    if (!this.#stopped) this.#options.listener.failed(error)
  }

  async gone(partition: KinesisPartition): Promise<boolean> {
    const { context } = this.#options
    const { id } = partition.shard
    let shards: readonly Shard[]
    try {
      shards = await this.#list()
    } catch (error) {
      if (this.#stopped) return true
      const verdict = context.failures.judge(error, 'ListShards')
      if ('error' in verdict) this.failed(verdict.error)
      return 'error' in verdict
    }
    if (shards.some((shard) => shard.id === id)) return false
    context.logger.error(
      { stream: streamKey(context.stream), shard: id, position: partition.position() },
      `shard ${id} is gone: records behind ${partition.position()} that were not read are lost; going on with the shards after it`,
    )
    this.ended(partition, [])
    return true
  }

  async #listForStart(deadline: number): Promise<readonly Shard[]> {
    const { failures, clock, random } = this.#options.context
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#list()
      } catch (error) {
        if (this.#stopped) throw this.#unavailable(error)
        const verdict = failures.judge(error, 'ListShards')
        if ('error' in verdict) throw verdict.error
        if (clock.monotonic() > deadline) throw this.#unavailable(error)
        await this.#sleeper.sleep(backoffMs(attempt, FIRST_RETRY_MS, LONGEST_RETRY_MS, random))
      }
    }
  }

  async #list(): Promise<readonly Shard[]> {
    const { reads, stream, failures } = this.#options.context
    const shards = await reads.listShards(stream, this.#abort.signal)
    failures.answered()
    return shards
  }

  /** Lists the shards now and then, and soon when children of a shard that ended are missing. */
  async #discover(): Promise<void> {
    const { random } = this.#options.context
    for (let attempt = 0; !this.#stopped; ) {
      const usual = this.#childless.size > 0 ? MISSING_CHILDREN_MS : this.#options.discoveryMs
      await this.#sleeper.sleep(
        attempt === 0 ? usual : backoffMs(attempt, FIRST_RETRY_MS, LONGEST_RETRY_MS, random),
      )
      if (this.#stopped) return
      try {
        const starting = this.#graph.listed(await this.#list())
        this.#beginAll(starting)
        this.#release()
        attempt = 0
      } catch (error) {
        if (this.#stopped) return
        attempt++
        if (!this.#passes(this.#options.context.failures.judge(error, 'ListShards'))) return
      }
    }
  }

  #passes(verdict: Verdict): boolean {
    if (!('error' in verdict)) return true
    this.failed(verdict.error)
    return false
  }

  #beginAll(starting: readonly StartingShard[]): void {
    for (const id of this.#childless) if (!this.#graph.lacksChildrenOf(id)) this.#childless.delete(id)
    for (const each of starting) this.#run(this.#begin(each))
  }

  #release(): void {
    if (this.#stopped) return
    for (const id of this.#graph.release()) {
      this.#childless.delete(id)
      this.#options.listener.removed?.(this.#nameOf(id))
    }
  }

  #nameOf(shard: string): string {
    return `${streamKey(this.#options.context.stream)}/${shard}`
  }

  /** What is asked of Kinesis before `start` settles: then records that come afterwards are behind "latest". */
  async #begin({ shard, from }: StartingShard): Promise<void> {
    const { context } = this.#options
    if (from !== 'latest') return this.#read(shard, from, undefined)
    const start: ShardPosition = { at: 'timestamp', epochMs: context.clock.now() }
    // Subscriptions know no iterators.
    if (this.#options.makeReader !== undefined) return this.#read(shard, start, undefined)
    const { stream, reads } = context
    const iterator = await reads
      .shardIterator(stream, shard.id, 'latest', this.#abort.signal)
      // The timestamp is as good a start for the reader, which tries again until it works.
      .catch(() => undefined)
    this.#read(shard, start, iterator)
  }

  #read(shard: Shard, start: ShardPosition, iterator: string | undefined): void {
    if (this.#stopped) return
    const { context, route, listener, makeReader } = this.#options
    const { budget, metrics, stream, logger } = context
    const partition: KinesisPartition = new KinesisPartition(this.#nameOf(shard.id), route, shard, start, {
      consumed: (bytes, records) => {
        budget.free(bytes)
        metrics.records.inc(records)
        this.#readers.get(shard.id)?.wake()
      },
      dropped: (sequence, records) => {
        metrics.dropped.inc(records)
        logger.warn(
          { stream: streamKey(stream), shard: shard.id, sequence, records },
          `an aggregate of ${records} records in shard ${shard.id} belongs to another shard and was dropped: its producer sends them again`,
        )
      },
      finished: () => this.#finished(partition),
    })
    const reader = makeReader?.(partition, this) ?? new PollingReader(partition, context, this, iterator)
    this.#readers.set(shard.id, reader)
    metrics.shard(streamKey(stream), shard.id, () => this.#behindMs(shard.id))
    logger.debug(
      { stream: streamKey(stream), shard: shard.id, from: formatPosition(start) },
      'reading a shard',
    )
    listener.added(partition)
    this.#run(reader.run())
  }

  /** Undefined once the shard is read no more. */
  #behindMs(id: string): number | undefined {
    return this.#stopped ? undefined : this.#readers.get(id)?.behindMs
  }

  #finished({ shard: { id }, since }: KinesisPartition): void {
    if (this.#stopped) return
    const starting = this.#graph.finished(id, since, this.#children.get(id))
    this.#children.delete(id)
    this.#readers.delete(id)
    if (this.#graph.lacksChildrenOf(id)) {
      this.#childless.add(id)
      this.#sleeper.wake()
    }
    this.#beginAll(starting)
  }

  #run(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.failed(StatefunError.from(error, 'SF_KINESIS_SOURCE_FAILED')))
      .finally(() => this.#running.delete(tracked))
    this.#running.add(tracked)
  }

  #unavailable(cause: unknown): StatefunError {
    const { stream } = this.#options.context
    return new StatefunError(
      'SF_KINESIS_UNAVAILABLE',
      `Kinesis does not answer, so that stream ${streamKey(stream)} cannot be read`,
      {
        where: `stream [${streamKey(stream)}]`,
        cause,
        hint: 'check that the endpoint can be reached from here',
      },
    )
  }
}
