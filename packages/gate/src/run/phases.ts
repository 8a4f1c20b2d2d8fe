import { StatefunError } from '@statefun/protocol'
import type { RunEvents } from './run-events.ts'

/** A phase that was asked for: awaits like a promise of what it makes. */
export interface Phase<Made> {
  readonly name: string
  /** Longest way of phases before it; 0 for one that waits for none. */
  readonly depth: number
  readonly made: Promise<Made>
}

/** What the work of a phase gets besides what the phases before it made. */
export interface PhaseContext {
  /** Aborted when the run is over before its time: Ctrl-C, or another phase that failed where all are needed. */
  readonly signal: AbortSignal
  /** Says what the phase is doing: `fetched 12 of 31 archives`. */
  progress(text: string): void
  /** Keeps something that has to be ended; see {@link Phases.dispose}. Returns it. */
  own<Owned extends AsyncDisposable>(owned: Owned): Owned
}

/**
 * Runs the phases of a start side by side as far as they do not wait for each other, times each, and ends what they made in
 * reverse order.
 *
 * @example
 * const broker = phases.run('Kafka', [], async (_, { own }) => own(await startKafka()))
 * const server = phases.run('function server', [], async (_, { own }) => own(await startServer()))
 * const job = phases.run('job', [broker, server], async ([kafka, functions], { own }) => own(await startJob(kafka, functions)))
 * await job.made
 */
export class Phases {
  readonly #events: RunEvents
  readonly #signal: AbortSignal
  readonly #running = new Set<Promise<unknown>>()
  readonly #owned: { readonly depth: number; readonly phase: string; readonly owned: AsyncDisposable }[] = []
  readonly #names = new Set<string>()

  constructor(events: RunEvents, signal: AbortSignal) {
    this.#events = events
    this.#signal = signal
  }

  /**
   * Runs `work` once all phases of `after` have made what they make. When one of them fails the phase does not begin and
   * fails with the same error.
   *
   * @param name unique in the run
   */
  run<After extends readonly Phase<unknown>[], Made>(
    name: string,
    after: readonly [...After],
    work: (made: MadeBy<After>, context: PhaseContext) => Promise<Made>,
  ): Phase<Made> {
    if (this.#names.has(name)) throw new StatefunError('SF_GATE_PHASE', `there are two phases "${name}"`)
    this.#names.add(name)
    const depth = after.reduce((most, phase) => Math.max(most, phase.depth + 1), 0)
    const made = this.#begin(name, after, depth, work)
    const settled = made.then(
      () => undefined,
      () => undefined,
    )
    this.#running.add(settled)
    void settled.then(() => this.#running.delete(settled))
    return { name, depth, made }
  }

  async #begin<After extends readonly Phase<unknown>[], Made>(
    name: string,
    after: readonly [...After],
    depth: number,
    work: (made: MadeBy<After>, context: PhaseContext) => Promise<Made>,
  ): Promise<Made> {
    // The types of a mapped tuple are lost in Promise.all.
    const inputs = (await Promise.all(after.map((phase) => phase.made))) as MadeBy<After>
    this.#signal.throwIfAborted()
    this.#events.emit({ type: 'phase-begin', phase: name, after: after.map((phase) => phase.name) })
    const began = performance.now()
    const seconds = () => (performance.now() - began) / 1000
    try {
      const result = await work(inputs, {
        signal: this.#signal,
        progress: (text) => this.#events.emit({ type: 'phase-progress', phase: name, text }),
        own: (owned) => {
          this.#owned.push({ depth, phase: name, owned })
          return owned
        },
      })
      this.#events.emit({ type: 'phase-end', phase: name, seconds: seconds() })
      return result
    } catch (cause) {
      const error = StatefunError.from(cause)
      this.#events.emit({ type: 'phase-end', phase: name, seconds: seconds(), error: error.format() })
      throw error
    }
  }

  /**
   * Waits for phases that still run (abort the signal first to hurry them), then disposes of all that was owned: what
   * phases of the greatest depth made first, what is of one depth side by side. Never throws; what cannot be ended is a
   * note. May be called again.
   */
  async dispose(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
    while (this.#owned.length > 0) {
      const deepest = Math.max(...this.#owned.map(({ depth }) => depth))
      const layer = this.#owned.filter(({ depth }) => depth === deepest)
      const rest = this.#owned.filter(({ depth }) => depth !== deepest)
      this.#owned.splice(0, this.#owned.length, ...rest)
      await Promise.all(
        layer.map(async ({ phase, owned }) => {
          try {
            await owned[Symbol.asyncDispose]()
          } catch (error) {
            const text = `what "${phase}" started could not be ended: ${StatefunError.from(error).format()}`
            this.#events.emit({ type: 'note', level: 'warn', text })
          }
        }),
      )
    }
  }
}

type MadeBy<After extends readonly Phase<unknown>[]> = {
  readonly [Index in keyof After]: After[Index] extends Phase<infer Made> ? Made : never
}
