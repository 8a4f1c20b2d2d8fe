import type { ControlClient } from '../control/control-client.ts'
import type { PartName } from '../topology/topology.ts'

/**
 * Kills and freezes parts. What a test has killed or frozen and not brought back itself is brought back at its end.
 */
export class Faults implements AsyncDisposable {
  readonly #control: ControlClient
  readonly #killed = new Set<PartName>()
  readonly #paused = new Set<PartName>()

  constructor(control: ControlClient) {
    this.#control = control
  }

  /** Ends a part at once, as a crash would. */
  async kill(part: PartName): Promise<void> {
    this.#killed.add(part)
    this.#paused.delete(part)
    await this.#control.fault(part, 'kill')
  }

  /** Starts a killed part on its old ports; settles when it answers. */
  async start(part: PartName): Promise<void> {
    await this.#control.fault(part, 'start')
    this.#killed.delete(part)
  }

  /** Kills a part and starts it again. */
  async restart(part: PartName): Promise<void> {
    await this.kill(part)
    await this.start(part)
  }

  /** Freezes a part: connections stay open, nothing answers. */
  async pause(part: PartName): Promise<void> {
    this.#paused.add(part)
    await this.#control.fault(part, 'pause')
  }

  /** Ends {@link Faults.pause}. */
  async resume(part: PartName): Promise<void> {
    await this.#control.fault(part, 'resume')
    this.#paused.delete(part)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const part of this.#paused) await this.resume(part)
    for (const part of this.#killed) await this.start(part)
  }
}
