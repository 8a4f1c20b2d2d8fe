import type { AdminRoute } from '@statefun/engine'
import type { StatefunError } from '@statefun/protocol'
import type { Phases } from '../run/phases.ts'
import type { DeploymentAccess } from './deployment-access.ts'

/** What the parts of a run are: inside one process, processes of this machine, or pods of a cluster. */
export type TopologyName = 'embedded' | 'process' | 'kind'

/** What runs the app. */
export type EngineName = 'embedded' | 'flink'

/** The app that a run deploys and tests. */
export interface AppUnderTest {
  /** Name from its configuration. */
  readonly name: string
  /** Absolute path of its folder: `e2e/**` is below it, relative paths of module.yaml start here. */
  readonly folder: string
  /** Absolute path of a module that exports `config` with `functions`: `statefun.config.ts`. */
  readonly config: string
  /** Absolute path of module.yaml. */
  readonly module: string
  /** Tags of its tests besides ours, with what they are for. */
  readonly tags?: Readonly<Record<string, string>>
}

/** What a topology is asked to start. */
export interface StartRequest {
  readonly app: AppUnderTest
  /** At least one, no duplicates: a deployment for each. */
  readonly engines: readonly EngineName[]
  /** False when no chosen test has the tag `kinesis`: what only Kinesis needs may be left out. */
  readonly kinesis: boolean
  /** An existing folder of this run. Logs of parts go to `<folder>/logs/`, so that they outlive the parts. */
  readonly folder: string
}

/**
 * A way to run an app on real or in-process parts. Everything it starts dies with this process, however that ends (see
 * startChild).
 */
export interface Topology {
  readonly name: TopologyName
  /** The engines it can run; the first one is the default. */
  readonly engines: readonly EngineName[]
  /**
   * What this machine lacks for it, each with a hint how to get it; empty when it can start. Looks only: fetches nothing,
   * starts nothing, and takes well below a second.
   */
  preconditions(request: StartRequest): Promise<readonly StatefunError[]>
  /**
   * Starts one deployment per engine of the request, side by side as phases, and returns at once. Tests of a deployment
   * begin as soon as its promise is fulfilled, and those of the others go on when it is rejected.
   *
   * Whatever has to be ended again is given to `own` of the phase that made it: it is disposed of at the end of the run,
   * after a phase failed and after Ctrl-C, what later phases made first.
   */
  start(request: StartRequest, phases: Phases): ReadonlyMap<EngineName, Promise<Deployment>>
}

/** What a topology says of a deployment; the run adds the control server. */
export type DeploymentFacts = Omit<DeploymentAccess, 'control'>

/** One running app on one engine, with the parts around it. */
export interface Deployment {
  readonly facts: DeploymentFacts
  /** The app under test. */
  readonly app: RunningApp
  /** In the order a person would name them: broker first, engine last. Shared parts are in each deployment's list. */
  readonly parts: readonly Part[]
  /**
   * Starts another app with the same functions and parts. Only where there is the capability `second-app`.
   *
   * @throws StatefunError when it cannot start
   */
  deploy?(options: DeployOptions): Promise<RunningApp>
  /**
   * Asked before the control server's own routes, with what follows the deployment's name as the request's URL
   * (`/topics/a/records`): in-process topics and streams.
   */
  readonly serve?: AdminRoute
}

/** A second app, see {@link Deployment.deploy}. */
export interface DeployOptions {
  /** Part of client ids and of the checkpoint's name; not that of another running app. */
  readonly name: string
  /** Text of its module.yaml with placeholders as in the app's own. */
  readonly module: string
  /** How often its job may restart after a failure; without limit when left out. */
  readonly restartAttempts?: number
}

/** An app on its engine: what Flink calls a job. */
export interface RunningApp extends AsyncDisposable {
  readonly name: string
  status(): Promise<AppStatus>
  /** Its metrics in Prometheus's text format; names as in contract 5.8. */
  metrics(): Promise<string>
  /** The end of the engine's log, over all restarts. */
  log(): Promise<string>
  /** The states of an instance. Only where there is the capability `read-state`. */
  state?(typename: string, id: string): Promise<readonly StateOfInstance[]>
}

/** How an app is, whatever its engine. */
export interface AppStatus {
  /** `failed`: it has given up. */
  readonly state: 'starting' | 'running' | 'restarting' | 'failed' | 'stopped'
  /** Restarts after a failure so far, kills by a test included where the engine counts them. */
  readonly restarts: number
  /** Checkpoints that were completed, since the app's engine started. */
  readonly checkpoints: number
  /** Why it failed or restarts, as far as it is known. */
  readonly reason?: string
}

/** A state's bytes with the typename they were written as. */
export interface StateOfInstance {
  readonly name: string
  readonly typename: string
  readonly value: Uint8Array
}

/** A process, a pod or whatever else may be looked at and, mostly, killed. */
export interface Part {
  /** Unique in its deployment: tests name it in `faults.kill('worker')`. */
  readonly name: PartName
  /** What a report calls it: `Kafka 3.9.1`. */
  readonly title: string
  /** How a person reaches it, for `--keep`: `127.0.0.1:23456`, `http://…`; absent when there is no way. */
  readonly reach?: string
  /** Absolute path of its log file below the run's folder; absent where the log has to be asked for. */
  readonly logPath?: string
  /** Its log, over all restarts. */
  log(): Promise<string>
  /** Ends it at once, as a crash would. Absent where it cannot be killed. */
  kill?(): Promise<void>
  /** Starts it again after {@link Part.kill}, on the same ports; settles when it answers. */
  start?(): Promise<void>
  /** Freezes it: connections stay open, nothing answers. */
  pause?(): Promise<void>
  /** Ends {@link Part.pause}. */
  resume?(): Promise<void>
}

/**
 * `worker` runs the app's state and timers (TaskManager, or the embedded engine), `functions` answers its calls.
 */
export type PartName = 'broker' | 'localstack' | 'functions' | 'worker' | 'job-manager' | 'operator'
