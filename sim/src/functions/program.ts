import { hash, Random } from '../random.ts'
import { depthOf, kindOf, type MessageNumber } from './message-number.ts'

/** A message that another one causes. */
export interface Caused {
  readonly type: string
  readonly id: string
  readonly number: MessageNumber
}

export interface CausedLater extends Caused {
  readonly delayMs: number
  readonly token: string | undefined
}

/** What one message makes a function do, whatever its states are. */
export interface Deed {
  readonly sends: readonly Caused[]
  /** Sends and, as text, tokens to cancel; in this order. */
  readonly delayed: readonly (CausedLater | string)[]
  readonly emits: readonly { readonly egress: string; readonly record: string }[]
  /** New values by state name; undefined deletes. */
  readonly states: ReadonlyMap<string, string | undefined>
}

/** How busy the functions of one simulation are. */
export interface ProgramShape {
  /** Function types in namespace `sim`, each with another first letter. */
  readonly types: readonly string[]
  readonly ids: readonly string[]
  readonly egresses: readonly string[]
  readonly longestDelayMs: number
  readonly deepest: number
  /** Bytes of a value of state `plain`. */
  readonly valueBytes: number
}

/** Tokens that any function uses under any id. */
const TOKENS = ['x', 'y']

/** Messages with a token can be cancelled: nothing may depend on whether one was delivered, so it causes nothing more. */
const NOTHING: Deed = { sends: [], delayed: [], emits: [], states: new Map() }

/** Functions that do random things, but the same ones whenever they see the same message. */
export class Program {
  readonly shape: ProgramShape
  readonly #seed: number

  constructor(seed: number, shape: ProgramShape) {
    this.#seed = seed
    this.shape = shape
  }

  deed(type: string, id: string, number: MessageNumber): Deed {
    if (kindOf(number) === 'token') return NOTHING
    const random = new Random(hash(this.#seed, type, id, number))
    const { shape } = this
    const depth = depthOf(number)
    let count = 0
    const caused = (kind: 's' | 'd' | 't'): Caused => ({
      type: random.pick(shape.types),
      id: random.chance(0.3) ? id : random.pick(shape.ids),
      number: `${number}.${type[0]}${count++}${kind}`,
    })
    const sends: Caused[] = []
    const delayed: (CausedLater | string)[] = []
    if (depth < shape.deepest) {
      while (random.chance(0.35)) sends.push(caused('s'))
      while (random.chance(0.2))
        delayed.push({ ...caused('d'), delayMs: this.#delay(random), token: undefined })
    }
    if (random.chance(0.2)) {
      const token = random.pick(TOKENS)
      // Whether one is pending depends on what came before; after a cancellation none is.
      delayed.push(token)
      if (random.chance(0.8)) delayed.push({ ...caused('t'), delayMs: this.#delay(random), token })
      if (random.chance(0.2)) {
        delayed.push(token)
        if (random.chance(0.5)) delayed.push({ ...caused('t'), delayMs: this.#delay(random), token })
      }
    }
    const emits: { egress: string; record: string }[] = []
    while (emits.length < 4 && random.chance(0.5)) {
      emits.push({ egress: random.pick(shape.egresses), record: `${number}>${type}/${id}#${emits.length}` })
    }
    const states = new Map<string, string | undefined>()
    for (const name of ['plain', 'written', 'called']) {
      const dice = random.float()
      if (dice < 0.1) states.set(name, undefined)
      else if (dice < 0.5) states.set(name, number.padEnd(name === 'plain' ? shape.valueBytes : 0))
    }
    return { sends, delayed, emits, states }
  }

  #delay(random: Random): number {
    const dice = random.float()
    if (dice < 0.2) return 0
    return Math.ceil(random.scaled(1, this.shape.longestDelayMs))
  }
}
