import type { Connection } from '@platformatic/kafka'
import { backoffMs, type Logger } from '@statefun/engine'
import { offsetCommitV8 } from './cluster/client-library.ts'
import type { Cluster } from './cluster/cluster.ts'
import { Pause } from './cluster/pause.ts'
import { rootMessage } from './cluster/protocol-error.ts'

const ATTEMPTS = 3

/**
 * Publishes positions as the committed offsets of a consumer group, for lag tools only: what is read again after a restart
 * is in the checkpoint. One commit at a time; newer positions replace those still waiting. Trouble is logged.
 */
export class OffsetCommits {
  readonly #cluster: Cluster
  readonly #group: string
  readonly #logger: Logger
  readonly #pause = new Pause()
  #waiting: ReadonlyMap<string, string> | undefined
  #running: Promise<void> | undefined
  #coordinator: Connection | undefined

  constructor(cluster: Cluster, group: string, logger: Logger) {
    this.#cluster = cluster
    this.#group = group
    this.#logger = logger
  }

  /** @param positions offsets by `<topic>/<partition>` */
  commit(positions: ReadonlyMap<string, string>): void {
    if (positions.size === 0) return
    this.#waiting = positions
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Waits for what was given so far, at most `ms`. */
  async settle(ms: number): Promise<void> {
    if (this.#running === undefined) return
    const limit = new Pause()
    await Promise.race([this.#running, limit.wait(ms)])
    limit.wake()
    this.#waiting = undefined
    this.#pause.wake()
  }

  async #run(): Promise<void> {
    for (let attempt = 1; this.#waiting !== undefined; ) {
      const positions = this.#waiting
      this.#waiting = undefined
      try {
        await this.#send(positions)
        attempt = 1
      } catch (error) {
        this.#coordinator = undefined
        if (attempt >= ATTEMPTS) {
          this.#logger.warn(
            { group: this.#group, error: rootMessage(error) },
            `offsets of ${positions.size} partitions could not be committed to group ${this.#group}: ${rootMessage(error)}`,
          )
          attempt = 1
          continue
        }
        this.#waiting ??= positions
        await this.#pause.wait(backoffMs(attempt++, 100, 1000))
      }
    }
  }

  async #send(positions: ReadonlyMap<string, string>): Promise<void> {
    const topics = new Map<
      string,
      { partitionIndex: number; committedOffset: bigint; committedLeaderEpoch: number }[]
    >()
    for (const [name, position] of positions) {
      const slash = name.lastIndexOf('/')
      const topic = name.slice(0, slash)
      const partition = {
        partitionIndex: Number(name.slice(slash + 1)),
        committedOffset: BigInt(position),
        committedLeaderEpoch: -1,
        committedMetadata: '',
      }
      const members = topics.get(topic)
      if (members === undefined) topics.set(topic, [partition])
      else members.push(partition)
    }
    if (this.#coordinator?.isConnected() !== true) {
      const nodeId = await this.#cluster.coordinator('group', this.#group)
      this.#coordinator = await this.#cluster.connection(nodeId, 'control')
    }
    await offsetCommitV8.api.async(
      this.#coordinator,
      this.#group,
      -1,
      '',
      null,
      [...topics].map(([name, partitions]) => ({ name, partitions })),
    )
  }
}
