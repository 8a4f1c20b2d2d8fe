import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from '@statefun/gate'
import { adminOf, type EngineProcessSettings, spawnEngine } from '../../../test/engine/kit/engine-child.ts'

const RESTART_DELAY_MS = 100
/** What Node writes last when it ends for such a reason. */
const UNCAUGHT = /^Node\.js v\d+/m
const ADMIN_TIMEOUT_MS = 60_000

/** An engine process that is started again whenever it ends, as a service manager does. */
export class SupervisedEngine {
  readonly #logs: string
  #settings: EngineProcessSettings
  #child: Child
  readonly #crashes: Child[] = []
  #starts = 1
  /** Counts on when the process that runs is no longer to be followed by another one. */
  #generation = 0
  #running: Promise<void> = Promise.resolve()

  private constructor(settings: EngineProcessSettings, logs: string, child: Child) {
    this.#settings = settings
    this.#logs = logs
    this.#child = child
  }

  /**
   * @param logs folder for a log per start: `engine-<n>.log`
   * @throws StatefunError when the first start does not succeed
   */
  static async start(settings: EngineProcessSettings, logs: string): Promise<SupervisedEngine> {
    const child = await spawnEngine(settings, logPath(logs, 1))
    await adminOf(child)
    const engine = new SupervisedEngine(settings, logs, child)
    engine.#running = engine.#supervise()
    return engine
  }

  /** How often a process was started. */
  get starts(): number {
    return this.#starts
  }

  /** Processes that ended by an exception which nobody caught: no fault excuses that, however well the next one recovers. */
  get crashes(): readonly Child[] {
    return this.#crashes
  }

  get settings(): EngineProcessSettings {
    return this.#settings
  }

  /** The process that runs now, or ran last. */
  get child(): Child {
    return this.#child
  }

  /** SIGKILL; settles when the process is gone. Another one is started at once. */
  async kill(): Promise<void> {
    await this.#child.kill()
  }

  /** Lets go of the running process, alive, and starts one with other settings in its place. */
  async replace(settings: EngineProcessSettings): Promise<Child> {
    const former = this.#child
    this.#generation++
    this.#settings = settings
    await this.#spawn()
    this.#running = this.#supervise()
    return former
  }

  /**
   * Base URL of the admin API, once a process takes records.
   *
   * @throws StatefunError when none gets there for a minute
   */
  async admin(): Promise<string> {
    const deadline = performance.now() + ADMIN_TIMEOUT_MS
    for (;;) {
      const child = this.#child
      try {
        if (child.exit === undefined) return await adminOf(child)
      } catch (error) {
        // One that ended before it was ready is followed by the next one.
        if (performance.now() > deadline) throw error
      }
      await sleep(RESTART_DELAY_MS)
    }
  }

  /** Ends the process in order: a last checkpoint, everything published. */
  async stop(): Promise<void> {
    this.#generation++
    await this.#child.stop()
    await this.#running
  }

  /** SIGKILL, and no other start. */
  async end(): Promise<void> {
    this.#generation++
    await this.#child.kill()
    await this.#running
    // A start that was under way.
    await this.#child.kill()
  }

  async #supervise(): Promise<void> {
    const generation = this.#generation
    for (;;) {
      const { code } = await this.#child.exited
      if (code !== null && UNCAUGHT.test(this.#child.logTail(5))) this.#crashes.push(this.#child)
      if (generation !== this.#generation) return
      await sleep(RESTART_DELAY_MS)
      if (generation !== this.#generation) return
      await this.#spawn()
    }
  }

  async #spawn(): Promise<void> {
    this.#child = await spawnEngine(this.#settings, logPath(this.#logs, ++this.#starts))
  }
}

function logPath(folder: string, start: number): string {
  return join(folder, `engine-${String(start).padStart(2, '0')}.log`)
}
