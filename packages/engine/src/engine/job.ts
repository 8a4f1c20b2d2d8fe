import {
  type FunctionResponse,
  type InvocationBatch,
  StatefunError,
  type TypedValue,
} from '@statefun/protocol'
import { CheckpointCoordinator } from '../checkpoint/coordinator.ts'
import { restore } from '../checkpoint/restore.ts'
import type { CopiedCheckpoint } from '../checkpoint/savepoint.ts'
import type { CheckpointPlace } from '../checkpoint/storage.ts'
import type { Sink, SinkListener } from '../connector/sink.ts'
import type { Source, SourcePartition } from '../connector/source.ts'
import { isTransactional } from '../connector/transactional-sink.ts'
import { Core } from '../core/core.ts'
import type { FunctionType } from '../core/function-type.ts'
import { FunctionTypes } from '../core/function-types.ts'
import type { Instance } from '../core/instance.ts'
import type { PartitionPosition } from '../core/sealed-epoch.ts'
import { DiskState } from '../state/disk-state.ts'
import type { Transport } from '../transport/transport.ts'
import { type Egress, Egresses } from './egresses.ts'
import { Intake } from './intake.ts'
import type { JobOptions } from './job-options.ts'
import { Outbox } from './outbox.ts'
import { SlowStart } from './slow-start.ts'
import { takeSavepoint } from './take-savepoint.ts'

/** Delayed messages delivered in one turn. */
const FIRE = 512
/** Calls started between two looks at the time. */
const PUMP = 256
/** Calls started in one go however quick they are: those that are answered at once can make more, for ever. */
const MAX_PUMP = 4096
/** Milliseconds after which a turn makes way for I/O. */
const TURN_MS = 4
/** An epoch that cannot be cut because the one before cannot be written takes no more input from here on. */
const MAX_CHANGED_BYTES = 256 * 1024 * 1024
/** The last epoch may take so long at least, however short the drain. */
const LAST_EPOCH_MS = 10_000

/**
 * One incarnation of an app: from a checkpoint to a stop or a failure. It is the shell around the core: it owns the turn
 * of the event loop, sources, sinks, transports and the checkpoint timer. After a failure a new one is made.
 */
export class Job {
  readonly core: Core
  readonly checkpoints: CheckpointCoordinator
  /** Undefined when all state is in memory. */
  readonly disk: DiskState | undefined
  /** Settles with the reason when the job cannot go on; never rejects. */
  readonly failure: Promise<StatefunError>

  readonly #options: JobOptions
  readonly #sinks: readonly Sink[]
  /** Of the egresses that are exactly-once. */
  readonly outboxes: readonly Outbox[]
  readonly #every: readonly Egress[]
  readonly #egresses: Egresses
  readonly #sinkListener: SinkListener = {
    drained: () => this.#schedule(),
    failed: (error) => this.fail(error),
  }
  readonly #transports = new Map<FunctionType, Transport>()
  readonly #intake: Intake
  #fail: (error: StatefunError) => void = () => undefined
  #scheduled = false
  #state: 'new' | 'running' | 'draining' | 'sealing' | 'failed' | 'closed' = 'new'
  #starting: Promise<void> | undefined
  #closing: Promise<void> | undefined
  readonly #slowStart: SlowStart
  #sinceSeal = false
  #cancelCheckpoint: (() => void) | undefined
  #cancelWake: (() => void) | undefined
  #wakeAt = Number.POSITIVE_INFINITY
  #drained: (() => void) | undefined

  constructor(options: JobOptions) {
    this.#options = options
    this.failure = new Promise((resolve) => {
      this.#fail = resolve
    })
    this.#sinks = options.sinks.filter((sink): sink is Sink => !isTransactional(sink))
    this.outboxes = options.sinks.filter(isTransactional).map(
      (sink) =>
        new Outbox({
          sink,
          clock: options.clock,
          logger: options.logger,
          listener: this.#sinkListener,
          advanced: () => {
            this.#sinceSeal = true
          },
        }),
    )
    this.#every = [...this.#sinks, ...this.outboxes]
    this.#egresses = new Egresses(this.#every)
    const types = new FunctionTypes(options.bindings, (type) => {
      const transport = options.transportFor(type)
      type.concurrency = transport.concurrency
      this.#transports.set(type, transport)
    })
    const { disk } = options
    if (disk !== undefined) {
      this.disk = new DiskState({
        ...disk,
        types,
        clock: options.clock,
        loaded: (instance) => this.#loaded(instance),
        drained: () => this.#schedule(),
        failed: (error) => this.fail(error),
      })
    }
    this.#slowStart = new SlowStart(options.maxInFlight, options.clock, () => {
      this.core.maxInFlight = this.#slowStart.calls
      this.#schedule()
    })
    this.core = new Core({
      types,
      maxInFlight: this.#slowStart.calls,
      ports: {
        invoke: (instance, batch) => this.#invoke(instance, batch),
        emit: (namespace, name, value, sender) => this.#emit(namespace, name, value, sender),
        sealOutboxes: (epoch) => {
          // What the epoch changed may have been too much.
          this.#schedule()
          return this.outboxes.map((outbox) => outbox.seal(epoch))
        },
        unblocked: ({ partition }) => this.#offer(partition),
        gaveUp: (instance, error, action) => {
          options.logger.error(
            { function: instance.type.typename, id: instance.id, action, error: error.format() },
            'function failed for good',
          )
        },
      },
    })
    this.#intake = new Intake({ core: this.core, clock: options.clock, hasRoom: () => this.#hasRoom() })
    this.checkpoints = new CheckpointCoordinator({
      core: this.core,
      storage: options.storage,
      scanSpilled: this.disk === undefined ? undefined : () => this.disk!.scan(),
      clock: options.clock,
      logger: options.logger,
      compactAfterBytes: options.compactAfterBytes,
      flushSinks: async () => {
        await Promise.all(this.#sinks.map((sink) => sink.flush()))
      },
      completed: (epoch, positions) => {
        for (const outbox of this.outboxes) outbox.durable(epoch)
        this.#committed(positions)
      },
      published: () => this.#published(),
      failed: (error) => this.fail(error),
    })
  }

  /** Whether records are being processed. */
  get running(): boolean {
    return this.#state === 'running'
  }

  /** @throws StatefunError when the checkpoint cannot be read, or a source or sink cannot start */
  start(): Promise<void> {
    this.#starting = this.#start()
    return this.#starting
  }

  async #start(): Promise<void> {
    const { storage, sources, owner, clock, logger } = this.#options
    await storage.open({
      tornTail: (file, offset, bytes) => {
        logger.warn({ file, offset, bytes }, 'an unfinished epoch at the end of the change log was removed')
      },
    })
    await this.disk?.open()
    this.#mustBe('new')
    const began = clock.now()
    const restored = await restore(storage, this.core, began, this.disk)
    this.disk?.started()
    if (restored.epoch > 0) {
      logger.info(
        { epoch: restored.epoch, states: restored.states, milliseconds: clock.now() - began },
        'restored from checkpoint',
      )
    }
    // Before anything is published or read: what a function over HTTP declares is only known from its first answer.
    this.core.types.checkStates()
    for (const typename of this.core.types.unbound) {
      logger.warn(
        { function: typename },
        'the checkpoint holds state of a function that no endpoint serves; it is kept',
      )
    }
    this.#mustBe('new')
    const { epoch, outboxes } = restored
    await Promise.all([
      ...this.#sinks.map((sink) => sink.start(this.#sinkListener)),
      ...this.outboxes.map((outbox) => outbox.start(epoch, outboxes.get(outbox.id), storage.identity, owner)),
    ])
    this.#mustBe('new')
    this.#state = 'running'
    await Promise.all(
      sources.map((source) =>
        source.start(
          {
            added: (partition) => this.#added(source, partition),
            ready: (partition) => this.#offer(partition),
            removed: (name) => this.#removed(source, name),
            failed: (error) => this.fail(error),
          },
          restored.positions.get(source.id) ?? new Map(),
        ),
      ),
    )
    this.#mustBe('running')
    this.#armCheckpoint(this.#options.checkpointIntervalMs)
    this.#schedule()
  }

  /** While a job starts it can fail or be closed: nothing may begin after that. */
  #mustBe(state: 'new' | 'running'): void {
    if (this.#state === state) return
    throw new StatefunError('SF_ENGINE_NOT_RUNNING', 'the job was stopped while it started')
  }

  /**
   * Takes no more input, lets what is under way finish for up to `drainMs`, writes a last epoch and closes everything.
   *
   * @throws StatefunError when the job failed meanwhile, so that there is no last epoch
   */
  async stop(drainMs: number): Promise<void> {
    try {
      if (this.#state !== 'running') return
      this.#state = 'draining'
      const failure = await Promise.race([this.#drain(drainMs), this.failure])
      if (failure !== undefined) throw failure
      this.#cancelCheckpoint?.()
      // An answer that comes now would emit what the call emits again after the next start.
      this.#state = 'sealing'
      await this.#lastEpoch(drainMs)
      await this.#settleOutboxes(drainMs)
    } finally {
      await this.close()
    }
  }

  /** Closes everything as it is. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#state = 'closed'
    this.checkpoints.abandon()
    this.#cancelCheckpoint?.()
    this.#cancelWake?.()
    this.#slowStart.close()
    this.#drained?.()
    const { sources, storage } = this.#options
    storage.interrupt?.()
    await Promise.allSettled([
      ...[...sources, ...this.#sinks].map((connector) => connector.stop()),
      ...this.outboxes.map((outbox) => outbox.close()),
    ])
    // The folder may be in the course of being opened: its lock is only known afterwards.
    await this.#starting?.catch(() => undefined)
    await this.checkpoints.close()
    await Promise.allSettled([
      ...[...this.#transports.values()].map((transport) => transport.close()),
      this.disk?.close(),
    ])
    await storage.close()
  }

  /** Ends the job: only the first reason counts. */
  fail(reason: unknown): void {
    if (this.#state === 'closed' || this.#state === 'failed') return
    this.#state = 'failed'
    // The core may have stopped in the middle of an answer: what it holds now must never become durable.
    this.checkpoints.abandon()
    this.#fail(StatefunError.from(reason))
  }

  /**
   * Sends the messages of parked addresses again; all of them without `id`. Returns how many addresses.
   *
   * @throws StatefunError `SF_FUNCTION_UNKNOWN` when nothing serves the function
   */
  redrive(namespace: string, name: string, id?: string): number {
    this.core.types.get(namespace, name, 'redrive')
    let redriven = 0
    for (const instance of [...this.core.parkedInstances()]) {
      if (instance.type.namespace !== namespace || instance.type.name !== name) continue
      if (id !== undefined && instance.id !== id) continue
      if (this.core.redrive(instance)) redriven++
    }
    this.#sinceSeal ||= redriven > 0
    this.#schedule()
    return redriven
  }

  /**
   * Copies the state as it is now into a place of its own, while the job goes on.
   *
   * @throws StatefunError `SF_SAVEPOINT_UNSUPPORTED`, `SF_SAVEPOINT_TARGET_NOT_EMPTY`, `SF_ENGINE_NOT_RUNNING`
   */
  savepoint(to: CheckpointPlace, progress?: (bytes: number) => void): Promise<CopiedCheckpoint> {
    const { checkpoints, failure, outboxes } = this
    const published = outboxes.length === 0 ? undefined : () => this.#published()
    return takeSavepoint({ checkpoints, failure, published, storage: this.#options.storage }, to, progress)
  }

  #added(source: Source, partition: SourcePartition): void {
    try {
      this.#intake.add(source.id, partition)
      // Where a new partition starts becomes durable even before its first record.
      this.#sinceSeal = true
    } catch (error) {
      this.fail(error)
    }
  }

  #removed(source: Source, name: string): void {
    this.#intake.remove(source.id, name)
    this.#sinceSeal = true
  }

  #offer(partition: SourcePartition): void {
    this.#intake.offer(partition)
    if (this.#intake.ready) this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled || (this.#state !== 'running' && this.#state !== 'draining')) return
    this.#scheduled = true
    this.#options.clock.soon(this.#turn)
  }

  /** One turn: what is due, what is ready, what comes in; again while there is more. */
  readonly #turn = (): void => {
    this.#scheduled = false
    if (this.#state !== 'running' && this.#state !== 'draining') return
    const { clock } = this.#options
    const { core } = this
    try {
      let now = clock.now()
      const until = clock.monotonic() + TURN_MS
      // Delayed messages keep: those that become due while the job drains are delivered after the next start.
      const room = this.#state === 'draining' ? 0 : this.#roomForDelayed()
      const fired = core.fire(now, room)
      let more = fired > 0 && fired === room
      this.disk?.load()
      if (fired > 0 || !core.idle) this.#sinceSeal = true
      more = this.#pump(now, until) || more
      // Input has its share also while functions keep each other busy.
      while (this.#intake.ready && this.#hasRoom()) {
        if (this.#intake.takeRound(now, until)) this.#sinceSeal = true
        this.disk?.load()
        more = this.#pump(now, until) || more
        if (more || clock.monotonic() > until) {
          more ||= this.#intake.ready
          break
        }
        now = clock.now()
      }
      this.disk?.load()
      this.disk?.trim(now)
      for (const sink of this.#sinks) sink.nudge()
      // Without room it is an answer that brings the next turn.
      if (this.#roomForDelayed() > 0) this.#armWake(now)
      if (more) this.#schedule()
      if (core.idle) this.#drained?.()
    } catch (error) {
      this.fail(error)
    }
  }

  /** @returns true when it was time or number that ended it, not the want of calls */
  #pump(now: number, until: number): boolean {
    for (let calls = 0; calls < MAX_PUMP; calls += PUMP) {
      if (!this.core.pump(now, PUMP)) return false
      if (this.#options.clock.monotonic() > until) break
    }
    return true
  }

  #hasRoom(): boolean {
    if (this.#state !== 'running') return false
    const { maxPendingMessages, maxPendingBytes } = this.#options
    const messages = Math.min(maxPendingMessages, this.#slowStart.messages)
    if (this.core.pendingMessages >= messages || this.core.pendingBytes >= maxPendingBytes) return false
    if (this.core.changedBytes >= MAX_CHANGED_BYTES || this.disk?.saturated === true) return false
    for (const egress of this.#every) if (egress.saturated) return false
    return true
  }

  /**
   * Delayed messages that are due, by the million perhaps after a long stop, wait where they take no heap until mailboxes can
   * take them. Input stops at half of that: it cannot keep them waiting.
   */
  #roomForDelayed(): number {
    const { maxPendingMessages, maxPendingBytes } = this.#options
    if (this.core.pendingBytes >= 2 * maxPendingBytes) return 0
    return Math.max(0, Math.min(FIRE, 2 * maxPendingMessages - this.core.pendingMessages))
  }

  #invoke(instance: Instance, batch: InvocationBatch): FunctionResponse | undefined {
    const response = this.#transports.get(instance.type)!.invoke(batch)
    if (!(response instanceof Promise)) return response
    this.#slowStart.called()
    response.then(
      (answer) => this.#settled(() => this.core.answered(instance, answer, this.#options.clock.now())),
      (error: unknown) =>
        this.#settled(() => this.core.failed(instance, StatefunError.from(error), this.#options.clock.now())),
    )
    return undefined
  }

  /** Also between the last cuts of a stop: an instance that neither loads nor is ready would be missing from the next one. */
  #loaded(instance: Instance): void {
    if (this.#state === 'failed' || this.#state === 'closed') return
    this.#sinceSeal = true
    this.core.loaded(instance)
    this.#schedule()
  }

  #settled(apply: () => void): void {
    if (this.#state !== 'running' && this.#state !== 'draining') return
    this.#sinceSeal = true
    this.#slowStart.answered()
    try {
      apply()
    } catch (error) {
      this.fail(error)
      return
    }
    this.#schedule()
  }

  #emit(namespace: string, name: string, value: TypedValue, sender: Instance): void {
    this.#egresses.get(namespace, name, sender).write(value, sender.address)
  }

  /** What is published by now and was not when the last epoch was cut. */
  async #published(): Promise<void> {
    await Promise.all(this.outboxes.map((outbox) => outbox.settled()))
  }

  /** Publishes what is durable before a stop, and notes that it was: then the next start need not ask anybody. */
  async #settleOutboxes(withinMs: number): Promise<void> {
    if (this.outboxes.every(({ settledAtCut }) => settledAtCut)) return
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const cancel = this.#options.clock.after(withinMs, resolve)
    await Promise.race([this.#published(), late, this.failure])
    cancel()
    if (this.#state === 'sealing') await this.#lastEpoch(withinMs)
  }

  /** A stop must end, also when the storage is away: what is not durable by then is worked off again after the next start. */
  async #lastEpoch(withinMs: number): Promise<void> {
    const { clock, storage } = this.#options
    const cancel = clock.after(Math.max(withinMs, LAST_EPOCH_MS), () => storage.interrupt?.())
    try {
      await this.checkpoints.checkpoint()
    } finally {
      cancel()
    }
  }

  #committed(positions: readonly PartitionPosition[]): void {
    // What no source has named may not exist any more: there is nobody to publish it to.
    const claimed = positions.filter((position) => !this.core.unclaimed.includes(position))
    for (const source of this.#options.sources) {
      const own = new Map<string, string>()
      for (const { ingress, partition, position } of claimed)
        if (ingress === source.id) own.set(partition, position)
      source.committed(own)
    }
  }

  #armWake(now: number): void {
    const due = this.core.timers.nextDue() ?? Number.POSITIVE_INFINITY
    if (due === this.#wakeAt) return
    this.#cancelWake?.()
    this.#cancelWake = undefined
    this.#wakeAt = due
    if (due === Number.POSITIVE_INFINITY) return
    this.#cancelWake = this.#options.clock.after(due - now, () => {
      this.#wakeAt = Number.POSITIVE_INFINITY
      this.#schedule()
    })
  }

  #armCheckpoint(afterMs: number): void {
    this.#cancelCheckpoint = this.#options.clock.after(afterMs, () => {
      void this.#checkpointOnTime()
    })
  }

  async #checkpointOnTime(): Promise<void> {
    const { clock, checkpointIntervalMs } = this.#options
    const began = clock.monotonic()
    if (this.#sinceSeal) {
      this.#sinceSeal = false
      // A checkpoint that fails ends the job by itself.
      await this.checkpoints.checkpoint().catch(() => undefined)
    }
    const left = checkpointIntervalMs - (clock.monotonic() - began)
    if (left < 0) this.checkpoints.statistics.late++
    if (this.#state === 'running' || this.#state === 'draining') this.#armCheckpoint(Math.max(left, 0))
  }

  async #drain(drainMs: number): Promise<undefined> {
    if (this.core.idle) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#options.clock.after(drainMs, resolve)
    this.#drained = resolve
    this.#schedule()
    await promise
    cancel()
  }
}
