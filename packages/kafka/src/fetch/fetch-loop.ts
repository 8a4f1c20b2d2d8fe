import { backoffMs, type Logger, Outage } from '@statefun/engine'
import type { Cluster } from '../cluster/cluster.ts'
import { Pause } from '../cluster/pause.ts'
import { ERROR, errorName, rootMessage } from '../cluster/protocol-error.ts'
import type { KafkaPartition } from '../kafka-partition.ts'
import type { ConsumerSettings } from '../properties/consumer-properties.ts'
import { type FetchedPartition, type FetchPartition, fetchRecords } from './fetch-call.ts'

/** While a partition is left out because nobody takes its records, polls stay short so that it can come back soon. */
const SHORT_WAIT_MS = 10
const LONGEST_SHORT_WAIT_MS = 100

/** Above this much waiting in an ingress, partitions get no second chunk, and above the double only small ones. */
const COMFORTABLE_BYTES = 32 << 20
const SMALL_CHUNK_BYTES = 64 << 10

/** What a fetch loop tells its source. */
export interface FetchLoopOwner {
  /** Bytes of the ingress that wait to be taken. */
  bufferedBytes(): number
  /** The partitions that this broker leads now. */
  partitionsOf(nodeId: number): readonly KafkaPartition[]
  /** One partition's part of a response, errors included. */
  received(partition: KafkaPartition, fetched: FetchedPartition): void
  /** The connection broke; leaders may have moved. */
  lost(): void
  /** An error that a retry cannot mend. */
  failed(error: unknown): void
}

/** Fetches all partitions that one broker leads, one request at a time over a connection of its own. */
export class FetchLoop {
  readonly nodeId: number
  readonly #cluster: Cluster
  readonly #settings: ConsumerSettings
  readonly #owner: FetchLoopOwner
  readonly #pause = new Pause()
  /** After a failure; nothing but a stop ends it early. */
  readonly #backoff = new Pause()
  /** Partitions that the broker refused, and when they are asked for again, by `performance.now()`. */
  readonly #refused = new Map<KafkaPartition, { readonly times: number; readonly until: number }>()
  readonly #outage: Outage
  #stopped = false
  #turn = 0
  #done: Promise<void> = Promise.resolve()

  constructor(
    nodeId: number,
    cluster: Cluster,
    settings: ConsumerSettings,
    owner: FetchLoopOwner,
    logger: Logger,
  ) {
    this.nodeId = nodeId
    this.#cluster = cluster
    this.#settings = settings
    this.#owner = owner
    this.#outage = new Outage(logger, { broker: nodeId })
  }

  start(): void {
    this.#done = this.#run().catch((error: unknown) => this.#owner.failed(error))
  }

  /** A partition may be fetched that could not be before. */
  wake(): void {
    this.#pause.wake()
  }

  /** Settles when the loop has ended; connections must be closed for a poll under way to end. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#pause.wake()
    this.#backoff.wake()
    await this.#done
  }

  async #run(): Promise<void> {
    const { retryBackoffMs, retryBackoffMaxMs } = this.#settings.client
    let failures = 0
    let shortWait = SHORT_WAIT_MS
    while (!this.#stopped) {
      const now = performance.now()
      const led = this.#owner.partitionsOf(this.nodeId)
      const all = this.#refused.size === 0 ? led : led.filter((each) => !(this.#askedAgainAt(each) > now))
      const wanted = this.#wanted(all)
      if (wanted.length === 0) {
        await this.#pause.wait(
          Math.min(...led.map((each) => this.#askedAgainAt(each)).filter((at) => at > now)) - now,
        )
        continue
      }
      shortWait =
        wanted.length === all.length ? SHORT_WAIT_MS : Math.min(shortWait * 2, LONGEST_SHORT_WAIT_MS)
      try {
        const waitMs = wanted.length === all.length ? this.#settings.fetchMaxWaitMs : shortWait
        await this.#fetch(wanted, waitMs)
        this.#outage.ended(`fetching from broker ${this.nodeId} works again`)
        failures = 0
      } catch (error) {
        if (this.#stopped) return
        if (isFinal(error)) throw error
        failures++
        this.#outage.began(`fetching from broker ${this.nodeId} failed: ${rootMessage(error)}; trying again`)
        this.#owner.lost()
        await this.#backoff.wait(backoffMs(failures, retryBackoffMs, retryBackoffMaxMs))
      }
    }
  }

  #askedAgainAt(partition: KafkaPartition): number {
    return this.#refused.get(partition)?.until ?? Number.NEGATIVE_INFINITY
  }

  #wanted(all: readonly KafkaPartition[]): KafkaPartition[] {
    const comfortable = this.#owner.bufferedBytes() < COMFORTABLE_BYTES
    const wanted = all.filter((partition) => (comfortable ? partition.hasRoom : partition.buffered === 0))
    // The broker fills a response in the order of the request: everyone comes first in turn.
    const first = wanted.length === 0 ? 0 : this.#turn++ % wanted.length
    return first === 0 ? wanted : [...wanted.slice(first), ...wanted.slice(0, first)]
  }

  async #fetch(wanted: readonly KafkaPartition[], maxWaitMs: number): Promise<void> {
    const settings = this.#settings
    const connection = await this.#cluster.connection(this.nodeId, 'fetch')
    const crowded = this.#owner.bufferedBytes() >= 2 * COMFORTABLE_BYTES
    const most = crowded
      ? Math.min(SMALL_CHUNK_BYTES, settings.maxPartitionFetchBytes)
      : settings.maxPartitionFetchBytes
    const requested: FetchPartition[] = wanted.map(
      ({ topic, index, fetchOffset, leaderEpoch, chunkBytes }) => ({
        topic,
        index,
        fetchOffset,
        leaderEpoch,
        maxBytes: Math.min(chunkBytes, most),
      }),
    )
    const response = await fetchRecords(connection, requested, {
      maxWaitMs,
      minBytes: settings.fetchMinBytes,
      maxBytes: settings.fetchMaxBytes,
      readCommitted: settings.readCommitted,
    })
    if (this.#stopped) return
    if (response.errorCode !== ERROR.none)
      throw new Error(`the broker answered ${errorName(response.errorCode)}`)
    const places = new Map(wanted.map(({ name }, at) => [name, at]))
    for (const fetched of response.partitions) {
      const at = places.get(`${fetched.topic}/${fetched.index}`)
      // A partition that moved its offset while the poll was under way asked for something else by now.
      if (at === undefined || wanted[at]!.fetchOffset !== requested[at]!.fetchOffset) continue
      this.#note(wanted[at]!, fetched.errorCode)
      this.#owner.received(wanted[at]!, fetched)
    }
  }

  /** A partition that is refused waits for its own next attempt; the others go on. */
  #note(partition: KafkaPartition, errorCode: number): void {
    if (errorCode === ERROR.none) {
      this.#refused.delete(partition)
      return
    }
    const { retryBackoffMs, retryBackoffMaxMs } = this.#settings.client
    const times = (this.#refused.get(partition)?.times ?? 0) + 1
    const until = performance.now() + backoffMs(times, retryBackoffMs, retryBackoffMaxMs)
    this.#refused.set(partition, { times, until })
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SF_')
}
