import type { ScratchFile, ScratchFolder } from '../../../packages/engine/src/state/scratch-folder.ts'
import type { SimProcess } from '../process.ts'

/** Scratch files of one process on the disk of its machine; nobody sees them after it. */
export class SimScratchFolder implements ScratchFolder {
  readonly #process: SimProcess

  constructor(process: SimProcess) {
    this.#process = process
  }

  async open(): Promise<void> {}

  create(name: string): ScratchFile {
    this.#process.machine.disk.mayWrite()
    return new SimScratchFile(this.#process, name)
  }

  async close(): Promise<void> {}
}

class SimScratchFile implements ScratchFile {
  readonly #process: SimProcess
  readonly #name: string
  #bytes = Buffer.alloc(0)
  #removed = false

  constructor(process: SimProcess, name: string) {
    this.#process = process
    this.#name = name
  }

  readNow(into: Uint8Array, bytes: number, position: number): void {
    if (this.#removed) throw new Error(`scratch ${this.#name} was removed`)
    if (position + bytes > this.#bytes.length) throw new Error(`scratch ${this.#name} is too short`)
    into.set(this.#bytes.subarray(position, position + bytes))
  }

  read(into: Uint8Array, position: number): Promise<void> {
    return this.#ask(`read scratch ${this.#name} ${position}`, () => {
      this.#process.machine.disk.mayWork()
      this.readNow(into, into.length, position)
    })
  }

  append(bytes: Uint8Array): Promise<void> {
    const copy = Buffer.from(bytes)
    return this.#ask(`append scratch ${this.#name} ${bytes.length}`, () => {
      this.#process.machine.disk.mayWrite()
      this.#bytes = Buffer.concat([this.#bytes, copy])
    })
  }

  remove(): void {
    this.#removed = true
  }

  #ask(what: string, apply: () => void): Promise<void> {
    const { disk } = this.#process.machine
    return this.#process.ask({ what, before: disk.delay(), after: disk.delay(), reach: 'local', apply })
  }
}
