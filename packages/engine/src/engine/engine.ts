import { randomUUID } from 'node:crypto'
import { type InvocableFunction, parseTypename, StatefunError } from '@statefun/protocol'
import { type AdminRoute, AdminServer } from '../admin/admin-server.ts'
import { openCheckpointPlace } from '../checkpoint/checkpoint-place.ts'
import type { CopiedCheckpoint } from '../checkpoint/savepoint.ts'
import type { CheckpointPlace } from '../checkpoint/storage.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { Connector, ConnectorContext } from '../connector/connector.ts'
import type { Source } from '../connector/source.ts'
import { FENCED } from '../connector/transactional-sink.ts'
import type { Logger } from '../logger.ts'
import { silentLogger } from '../logger.ts'
import { registerEngineMetrics } from '../metrics/engine-metrics.ts'
import { FunctionMetrics } from '../metrics/function-metrics.ts'
import { PrometheusRegistry } from '../metrics/prometheus-registry.ts'
import { Rate } from '../metrics/rate.ts'
import type { ModuleDefinition } from '../module/model.ts'
import { HttpPools } from '../transport/http-pools.ts'
import { systemTransportClock } from '../transport/transport-clock.ts'
import { type BoundFunctions, bindFunctions } from './bind-functions.ts'
import {
  type CheckpointOptions,
  checkpointIntervalMs,
  exactlyOnceEgresses,
  placeOf,
} from './checkpoint-options.ts'
import { Job } from './job.ts'
import { instanceIds, readState, type StateEntry } from './read-state.ts'
import { diskSettings, type StateOptions } from './state-options.ts'

export interface EngineOptions {
  /** Name of the app: part of client ids and of the checkpoint. Letters, digits, `.`, `_`, `-`. */
  readonly app: string
  readonly module: ModuleDefinition
  /** Functions that run in this process; they win over the URL that an endpoint of the module names for them. */
  readonly functions?: readonly InvocableFunction[]
  /** Asked in order for each ingress and egress of the module. */
  readonly connectors: readonly Connector[]
  readonly checkpoint: CheckpointOptions
  readonly state?: StateOptions
  readonly restart?: RestartOptions
  readonly limits?: LimitOptions
  /** Serves health, metrics and state over HTTP. */
  readonly admin?: AdminOptions
  readonly logger?: Logger
  readonly clock?: Clock
}

/** Flink's fixed-delay restart strategy; unlimited attempts a second apart by default (contract 5.7). */
export interface RestartOptions {
  readonly attempts?: number
  readonly delayMs?: number
}

export interface LimitOptions {
  /** Calls under way at once, as `statefun.async.max-per-task`; 32768 by default, <= 0 is unlimited. */
  readonly maxInFlight?: number
  /** Messages in mailboxes from which no more input is taken; 16384 by default. */
  readonly maxPendingMessages?: number
  /** Bytes in mailboxes from which no more input is taken; 64 MiB by default. */
  readonly maxPendingBytes?: number
}

export interface AdminOptions {
  /** 127.0.0.1 by default: the API has no authentication. */
  readonly host?: string
  /** 0 picks a free one. */
  readonly port: number
  /** Under which it may be asked besides `localhost`, addresses and `host`; those below them are meant, too. */
  readonly names?: readonly string[]
  /** Further paths, asked before the engine's own. */
  readonly routes?: readonly AdminRoute[]
}

const DEFAULT_COMPACT_BYTES = 32 * 1024 * 1024
const DEFAULT_MAX_IN_FLIGHT = 32768
const DEFAULT_MAX_PENDING_MESSAGES = 16384
const DEFAULT_MAX_PENDING_BYTES = 64 * 1024 * 1024
const DEFAULT_RESTART_DELAY_MS = 1000
const DEFAULT_DRAIN_MS = 10_000

/**
 * The embedded engine: runs the app of one module.yaml in this process.
 *
 * It keeps the app alive across failures: a job that fails is closed, and another one starts from the last durable epoch
 * (`restart`).
 */
export class Engine {
  /** Settles when the engine has given up restarting; never rejects. */
  readonly failed: Promise<StatefunError>
  readonly metrics = new PrometheusRegistry()

  readonly #options: EngineOptions
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #bound: BoundFunctions
  readonly #place: CheckpointPlace | undefined
  readonly #intervalMs: number
  readonly #functionMetrics: FunctionMetrics
  readonly #sampler: NodeJS.Timeout
  #admin: AdminServer | undefined
  #job: Job | undefined
  #giveUp: (error: StatefunError) => void = () => undefined
  #restarts = 0
  #state: 'starting' | 'running' | 'stopping' | 'stopped' | 'failed' = 'starting'
  #supervision: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #interrupt: (() => void) | undefined

  /** Use {@link startEngine}. */
  constructor(options: EngineOptions) {
    if (!/^[\w.-]+$/.test(options.app)) {
      throw new StatefunError('SF_ENGINE_APP_NAME', `"${options.app}" cannot be the name of an app`, {
        hint: 'use letters, digits, ".", "_" and "-"',
      })
    }
    this.#options = options
    this.#logger = options.logger ?? silentLogger
    this.#clock = options.clock ?? systemClock
    this.#bound = bindFunctions(options.module, options.functions ?? [])
    this.#place = placeOf(options.checkpoint)
    this.#intervalMs = checkpointIntervalMs(options.checkpoint, options.module)
    this.failed = new Promise((resolve) => {
      this.#giveUp = resolve
    })
    this.#functionMetrics = new FunctionMetrics(this.metrics)
    registerEngineMetrics(
      this.metrics,
      () => this.#job,
      () => this.#restarts,
      exactlyOnceEgresses(options.module),
    )
    this.#sampler = setInterval(() => this.#functionMetrics.sample(), Rate.stepSeconds * 1000)
    this.#sampler.unref()
  }

  /** Base URL of the admin API; undefined without one. */
  get url(): string | undefined {
    return this.#admin?.url
  }

  /** True while a job processes records. */
  get ready(): boolean {
    return this.#state === 'running' && this.#job?.running === true
  }

  /** How often the job was restarted after a failure. */
  get restarts(): number {
    return this.#restarts
  }

  /**
   * Stops: no more input, what is under way may finish for `drainMs` (10 s by default), a last checkpoint. Idempotent.
   *
   * @throws StatefunError when the last checkpoint cannot be written; everything is closed nevertheless
   */
  stop({ drainMs = DEFAULT_DRAIN_MS }: { drainMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#end((job) => job.stop(drainMs))
    return this.#stopping
  }

  /** Ends at once, as a crash would: no draining, no last checkpoint. For tests. */
  async kill(): Promise<void> {
    // A stop that is under way ends with the job.
    const stopping = this.#stopping?.catch(() => undefined)
    this.#stopping ??= this.#end((job) => job.close())
    await this.#closeJob()
    await (stopping ?? this.#stopping)
  }

  async #end(endJob: (job: Job) => Promise<void>): Promise<void> {
    this.#state = 'stopping'
    this.#interrupt?.()
    try {
      if (this.#job !== undefined) await endJob(this.#job)
    } finally {
      await this.#closeJob()
      await this.#supervision
      await this.#admin?.close()
      if (typeof this.#options.checkpoint.place !== 'object') await this.#place?.close()
      clearInterval(this.#sampler)
      this.#state = 'stopped'
    }
  }

  /**
   * Cuts an epoch and settles when it is durable.
   *
   * @throws StatefunError when it cannot be made durable: the job then restarts from the one before
   */
  async checkpoint(): Promise<void> {
    await this.#running().checkpoints.checkpoint()
  }

  /**
   * Takes a savepoint: a copy of the state as it is now, in a place of its own. The job goes on meanwhile.
   *
   * @param to a place as in {@link CheckpointOptions.place}, empty
   * @param progress told of the bytes copied so far, now and then
   * @throws StatefunError `SF_SAVEPOINT_TARGET_NOT_EMPTY`, and when the epoch cannot be made durable
   */
  async savepoint(to: string, progress?: (bytes: number) => void): Promise<CopiedCheckpoint> {
    const job = this.#running()
    const place = openCheckpointPlace(to, this.#options.checkpoint.resolvers)
    try {
      return await job.savepoint(place, progress)
    } finally {
      await place.close()
    }
  }

  /**
   * Looks whether a function of this name is bound, or the checkpoint has state of it.
   *
   * @throws StatefunError `SF_FUNCTION_UNKNOWN`, with the nearest that is bound
   */
  checkFunction(typename: string): void {
    const { namespace, name } = parseTypename(typename)
    this.#running().core.types.check(namespace, name)
  }

  /** The states of one instance, as bytes with their typenames; empty when it has none. */
  state(typename: string, id: string): StateEntry[] {
    const { namespace, name } = parseTypename(typename)
    const { core, disk } = this.#running()
    return readState(core, namespace, name, id, this.#clock.now(), disk)
  }

  /** The ids of a function's instances, at most `limit`; those in memory first, in order of first use. */
  async instances(typename: string, limit: number): Promise<string[]> {
    const { namespace, name } = parseTypename(typename)
    const { core, disk } = this.#running()
    return await instanceIds(core, namespace, name, limit, disk)
  }

  /** Addresses whose messages are kept by the failure policy `park`. */
  parked(): { typename: string; id: string; messages: number }[] {
    return [...this.#running().core.parkedInstances()].map((instance) => ({
      typename: instance.type.typename,
      id: instance.id,
      messages: instance.backlog.length,
    }))
  }

  /** Sends the kept messages of a parked address again, or of all addresses of a function; returns how many addresses. */
  redrive(typename: string, id?: string): number {
    const { namespace, name } = parseTypename(typename)
    return this.#running().redrive(namespace, name, id)
  }

  /** @internal */
  async start(): Promise<void> {
    const { admin } = this.#options
    try {
      if (admin !== undefined) {
        this.#admin = new AdminServer(this, admin.routes ?? [], admin.names)
        await this.#admin.listen(admin.host ?? '127.0.0.1', admin.port)
      }
      await this.#startJob()
    } catch (error) {
      await this.kill()
      throw StatefunError.from(error)
    }
    this.#state = 'running'
    this.#supervision = this.#supervise()
  }

  /** A job that starts has only a part of its state, and nothing of it may be seen, let alone be made durable. */
  #running(): Job {
    if (this.#job?.running !== true) {
      throw new StatefunError('SF_ENGINE_NOT_RUNNING', 'the job is not running', {
        hint: 'ask again once /ready says 200',
      })
    }
    return this.#job
  }

  async #startJob(): Promise<void> {
    const { app, module, connectors, checkpoint, limits } = this.#options
    const context: ConnectorContext = { app, logger: this.#logger, metrics: this.metrics }
    const sources: Source[] = module.ingresses.map((ingress) =>
      served(ingress, (connector) => connector.createSource(ingress, context), connectors),
    )
    const sinks = module.egresses.map((egress) =>
      served(egress, (connector) => connector.createSink(egress, context), connectors),
    )
    const pools = new HttpPools(systemTransportClock)
    const job = new Job({
      sources,
      sinks,
      owner: randomUUID(),
      bindings: this.#bound.bindings,
      transportFor: (type) => {
        const observer = this.#functionMetrics.register(type)
        return this.#bound.transportFor(type, { pools, observer, logger: this.#logger })
      },
      storage:
        checkpoint.storage?.() ??
        this.#place!.storage(app, checkpoint.retain === undefined ? {} : { retain: checkpoint.retain }),
      checkpointIntervalMs: this.#intervalMs,
      compactAfterBytes: checkpoint.compactAfterBytes ?? DEFAULT_COMPACT_BYTES,
      disk: diskSettings(this.#options.state ?? {}, this.#place, app),
      maxInFlight: limits?.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT,
      maxPendingMessages: limits?.maxPendingMessages ?? DEFAULT_MAX_PENDING_MESSAGES,
      maxPendingBytes: limits?.maxPendingBytes ?? DEFAULT_MAX_PENDING_BYTES,
      clock: this.#clock,
      logger: this.#logger,
    })
    this.#job = job
    // A failure may come while the connectors still start.
    const failure = job.failure.then((error) => {
      throw error
    })
    failure.catch(() => undefined)
    await Promise.race([job.start(), failure])
  }

  async #closeJob(): Promise<void> {
    const job = this.#job
    this.#job = undefined
    await job?.close()
  }

  async #supervise(): Promise<void> {
    const attempts = this.#options.restart?.attempts ?? Number.POSITIVE_INFINITY
    const delayMs = this.#options.restart?.delayMs ?? DEFAULT_RESTART_DELAY_MS
    const interrupted = new Promise<undefined>((resolve) => {
      this.#interrupt = () => resolve(undefined)
    })
    for (;;) {
      let error = await Promise.race([this.#job!.failure, interrupted])
      while (error !== undefined) {
        await this.#closeJob()
        if (this.#state !== 'running') return
        const givesUp = this.#restarts >= attempts || error.code === FENCED
        this.#logger.error(
          { error: error.format(), restarts: this.#restarts, ...(givesUp ? {} : { restartInMs: delayMs }) },
          givesUp ? 'job failed' : 'job failed, restarting from the last checkpoint',
        )
        if (givesUp) {
          this.#state = 'failed'
          this.#giveUp(error)
          return
        }
        await this.#pause(delayMs, interrupted)
        if (this.#state !== 'running') return
        this.#restarts++
        try {
          await this.#startJob()
          error = undefined
        } catch (cause) {
          error = StatefunError.from(cause)
        }
      }
      if (this.#state !== 'running') return
    }
  }

  async #pause(milliseconds: number, interrupted: Promise<unknown>): Promise<void> {
    let cancel: () => void = () => undefined
    const over = new Promise<void>((resolve) => {
      cancel = this.#clock.after(milliseconds, resolve)
    })
    await Promise.race([over, interrupted])
    cancel()
  }
}

/**
 * Starts an engine; it runs until {@link Engine.stop}, or until {@link Engine.failed} settles.
 *
 * @throws StatefunError when it cannot start: a checkpoint that cannot be read, a port in use, an ingress of a kind that no
 *   connector serves
 * @example
 * const engine = await startEngine({
 *   app: 'shop',
 *   module: await readModuleFile('module.yaml'),
 *   functions: [counter],
 *   connectors: [kafkaConnector()],
 *   checkpoint: { place: './checkpoints' },
 * })
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const engine = new Engine(options)
  await engine.start()
  return engine
}

function served<Definition extends { readonly kind: string; readonly id: string }, Made>(
  definition: Definition,
  make: (connector: Connector) => Made | undefined,
  connectors: readonly Connector[],
): Made {
  for (const connector of connectors) {
    const made = make(connector)
    if (made !== undefined) return made
  }
  throw new StatefunError('SF_ENGINE_NO_CONNECTOR', `no connector serves ${definition.kind}`, {
    where: definition.id,
    hint: 'give the engine a connector for this kind (connectors)',
  })
}
