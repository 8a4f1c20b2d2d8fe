import type { Clock } from '../clock.ts'
import type { SourcePartition } from '../connector/source.ts'
import type { Core } from '../core/core.ts'
import type { Feed } from '../core/feed.ts'

export interface IntakeOptions {
  readonly core: Core
  readonly clock: Clock
  /** Whether more records may be taken. */
  readonly hasRoom: () => boolean
}

/** Records taken from one partition before the next one has its turn. */
const TAKE = 512

/** The partitions of a job's sources: which of them have records, and in what order they have their turn. */
export class Intake {
  readonly #options: IntakeOptions
  readonly #feeds = new Map<SourcePartition, Feed>()
  /** In order: the first is the next. */
  readonly #ready = new Set<Feed>()

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** Whether a partition has records. */
  get ready(): boolean {
    return this.#ready.size > 0
  }

  /** @throws StatefunError when it is routed to a function that nothing serves */
  add(ingress: string, partition: SourcePartition): void {
    const { core } = this.#options
    const targets = partition.route.targets.map((target) => {
      const slash = target.indexOf('/')
      return core.types.get(target.slice(0, slash), target.slice(slash + 1), `ingress ${ingress}`)
    })
    const feed: Feed = { ingress, partition, targets, blockedBy: undefined }
    this.#feeds.set(partition, feed)
    core.addFeed(feed)
  }

  remove(ingress: string, name: string): void {
    for (const [partition, feed] of this.#feeds) {
      if (feed.ingress !== ingress || partition.name !== name) continue
      this.#feeds.delete(partition)
      this.#ready.delete(feed)
    }
    this.#options.core.removePartition(ingress, name)
  }

  /** The partition has records. */
  offer(partition: SourcePartition): void {
    const feed = this.#feeds.get(partition)
    // One that broke the job when it was added has none.
    if (feed === undefined || feed.blockedBy !== undefined) return
    this.#ready.add(feed)
  }

  /**
   * Takes records of each partition that has some, as long as there is room and time. Where it ended, the next round goes
   * on: so each has its share also when there is never room for all.
   *
   * @returns whether there were any
   */
  takeRound(now: number, until: number): boolean {
    const { core, clock, hasRoom } = this.#options
    let any = false
    for (let left = this.#ready.size; left > 0; left--) {
      const feed = this.#ready.values().next().value!
      // Before its turn: one that becomes ready in the course of it stays.
      this.#ready.delete(feed)
      const taken = core.take(feed, TAKE, now)
      if (taken === TAKE) this.#ready.add(feed)
      any ||= taken > 0
      if (!hasRoom() || clock.monotonic() > until) break
    }
    return any
  }
}
