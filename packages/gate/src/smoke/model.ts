import { StatefunError } from '@statefun/protocol'
import type { Commands, SourceCommand } from './gen/smoke_pb.ts'
import type { SmokeParameters } from './parameters.ts'

/** What must become of the commands that were sent: predicted without running a function. */
export class SmokeModel {
  /** Final count of every instance, by id. */
  readonly counts: Map<number, bigint>
  /** Records that every instance emits to `discard-sink`, by id. */
  readonly discarded: Map<number, number>
  /** Messages between instances, delayed ones included and without those that are cancelled for certain. */
  messages = 0
  /** Delayed messages that are cancelled by the very list that sends them. */
  cancelled = 0
  readonly #needed = new Set<string>()
  readonly #loose = new Set<string>()

  constructor(parameters: Pick<SmokeParameters, 'firstInstance' | 'numberOfFunctionInstances'>) {
    const { firstInstance: first, numberOfFunctionInstances: instances } = parameters
    const ids = Array.from({ length: instances }, (_, index) => first + index)
    this.counts = new Map(ids.map((id) => [id, 0n]))
    this.discarded = new Map(ids.map((id) => [id, 0]))
  }

  /**
   * Applies a tree that is sent from outside.
   *
   * @throws StatefunError `SF_GATE_SMOKE_AMBIGUOUS` when a count depends on whether a cancellation comes in time
   */
  apply({ target, commands }: SourceCommand): void {
    this.#run(target, commands)
  }

  #run(self: number, list: Commands | undefined): void {
    const sent = list?.command ?? []
    for (const [at, { command }] of sent.entries()) {
      const { case: name, value } = command
      if (name === 'increment') this.counts.set(self, this.counts.get(self)! + 1n)
      else if (name === 'sendEgress') this.discarded.set(self, this.discarded.get(self)! + 1)
      else if (name === 'asyncOperation') this.#run(self, value.resolvedCommands)
      else if (name === 'send') this.#deliver(value.target, value.commands)
      else if (name === 'sendAfter') {
        const { cancellationToken: token, commands } = value
        const cancelledHere = sent.slice(at + 1).some((later) => cancels(later.command, token))
        if (cancelledHere) this.cancelled++
        else {
          if (token !== '' && commands?.command.length) this.#mark(token, this.#needed, this.#loose)
          this.#deliver(value.target, commands)
        }
      } else if (name === 'cancelSendAfter') {
        const { cancellationToken: token } = value
        const sentHere = sent.slice(0, at).some((earlier) => sends(earlier.command, token))
        if (!sentHere) this.#mark(token, this.#loose, this.#needed)
      }
    }
  }

  #mark(token: string, set: Set<string>, other: ReadonlySet<string>): void {
    set.add(token)
    if (!other.has(token)) return
    throw new StatefunError('SF_GATE_SMOKE_AMBIGUOUS', `what is sent with ${token} counts, or is cancelled`, {
      hint: 'cancel in the list that sends, or send nothing that counts',
    })
  }

  #deliver(target: number, list: Commands | undefined): void {
    this.messages++
    this.#run(target, list)
  }
}

type OneCommand = Commands['command'][number]['command']

function cancels(command: OneCommand, token: string): boolean {
  return command.case === 'cancelSendAfter' && token !== '' && command.value.cancellationToken === token
}

function sends(command: OneCommand, token: string): boolean {
  return command.case === 'sendAfter' && command.value.cancellationToken === token
}
