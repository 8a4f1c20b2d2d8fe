import { create } from '@bufbuild/protobuf'
import { type Random, seededRandom } from '../random/seeded-random.ts'
import { type Commands, type SourceCommand, SourceCommandSchema } from './gen/smoke_pb.ts'
import { type CommandInit, commands } from './messages.ts'
import type { SmokeParameters } from './parameters.ts'

type Kind = (self: number, depth: number) => readonly CommandInit[]

const INCREMENT: CommandInit = { case: 'increment', value: {} }
const SEND_EGRESS: CommandInit = { case: 'sendEgress', value: {} }

/**
 * Random command trees (contract 8.3): the same seed and parameters give the same trees.
 *
 * A message with a token is never needed for a count that a cancellation could change, so that every count is known whatever
 * the time is. There are three kinds, each as likely:
 * - sent and cancelled by the same list, hence in one answer: it must never arrive, and would count if it did (contract 5.4);
 * - cancelled by another message, too late or in time: it holds nothing;
 * - not cancelled: it must arrive.
 */
export class CommandGenerator {
  readonly #parameters: SmokeParameters
  readonly #random: Random
  readonly #kinds: readonly (readonly [weight: number, kind: Kind])[]
  readonly #weight: number
  #tokens = 0

  constructor(seed: number, parameters: SmokeParameters) {
    this.#parameters = parameters
    this.#random = seededRandom(seed, 'smoke')
    this.#kinds = [
      [parameters.stateModificationsPr, () => [INCREMENT]],
      [parameters.sendPr, (_, depth) => [this.#send(depth)]],
      [parameters.sendAfterPr, (_, depth) => [this.#sendAfter(depth, '')]],
      [parameters.sendAfterWithCancellationPr, (self, depth) => this.#cancellation(self, depth)],
      [parameters.asyncSendPr, (self, depth) => [this.#asynchronous(self, depth)]],
      [parameters.noopPr, () => []],
      [parameters.sendEgressPr, () => [SEND_EGRESS]],
    ]
    this.#weight = this.#kinds.reduce((sum, [weight]) => sum + weight, 0)
  }

  /** The next tree. */
  next(): SourceCommand {
    const target = this.#instance()
    const depth = this.#random.below(this.#parameters.commandDepth)
    return create(SourceCommandSchema, { target, commands: this.#list(target, depth) })
  }

  /** @param self the instance that carries the list out */
  #list(self: number, depth: number): Commands {
    if (depth <= 0) return commands(INCREMENT)
    const count = 1 + this.#random.below(this.#parameters.maxCommandsPerDepth)
    return commands(...Array.from({ length: count }, () => this.#kind()(self, depth)).flat())
  }

  #kind(): Kind {
    let left = this.#random.between(0, this.#weight)
    for (const [weight, kind] of this.#kinds) {
      left -= weight
      if (left < 0) return kind
    }
    return () => []
  }

  #send(depth: number): CommandInit {
    const target = this.#instance()
    return { case: 'send', value: { target, commands: this.#list(target, depth - 1) } }
  }

  #sendAfter(depth: number, cancellationToken: string): CommandInit {
    const target = this.#instance()
    return {
      case: 'sendAfter',
      value: { target, commands: this.#list(target, depth - 1), cancellationToken },
    }
  }

  #asynchronous(self: number, depth: number): CommandInit {
    const resolvedCommands = this.#list(self, depth - 1)
    return { case: 'asyncOperation', value: { failure: this.#random.chance(0.5), resolvedCommands } }
  }

  #cancellation(self: number, depth: number): readonly CommandInit[] {
    // Tokens are scoped to the sender's id: one that is used once in a run can never be pending twice.
    const cancellationToken = `token-${this.#tokens++}`
    const cancel: CommandInit = { case: 'cancelSendAfter', value: { target: self, cancellationToken } }
    switch (this.#random.below(3)) {
      case 0:
        return [this.#sendAfter(depth, cancellationToken), cancel]
      case 1:
        return [
          { case: 'sendAfter', value: { target: this.#instance(), commands: commands(), cancellationToken } },
          { case: 'send', value: { target: self, commands: commands(cancel) } },
        ]
      default:
        return [this.#sendAfter(depth, cancellationToken)]
    }
  }

  #instance(): number {
    const { firstInstance, numberOfFunctionInstances } = this.#parameters
    return firstInstance + this.#random.below(numberOfFunctionInstances)
  }
}
