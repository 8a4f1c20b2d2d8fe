import {
  type Address,
  formatAddress,
  type PersistedValue,
  StatefunError,
  type StateMutation,
  type TypedValue,
} from '@statefun/protocol'
import { copyBytes } from './copy-bytes.ts'
import type { CompiledSlot } from './state-declaration.ts'
import { decodeValue } from './value-type.ts'

/** The runtime has not named the state. */
const UNKNOWN = 0
const UNREAD = 1
/** Read, and the value cannot be changed in place. */
const READ = 2
/** Read, and the handler holds an object it may have changed in place. */
const SHARED = 3
const WRITTEN = 4
const REMOVED = 5

/** One state of one batch. */
interface Cell {
  status: number
  /** As it came from the runtime. */
  received: TypedValue | undefined
  value: unknown
}

const NONE: readonly StateMutation[] = []
const NO_CELLS: readonly Cell[] = []

/**
 * The states of one address during one batch: decoded at the first read, encoded once when the batch ends (contract 1.3).
 *
 * An object that was read counts as changed when it encodes differently at the end, so changes in place are kept. The
 * comparison is with how the received value encodes, not with the received bytes: another SDK may have written the same
 * value in another form, and a read alone must not renew an after-write expiration.
 */
export class BatchState {
  readonly #target: Address
  readonly #slots: readonly CompiledSlot[]
  readonly #cells: readonly Cell[]

  constructor(target: Address, slots: readonly CompiledSlot[]) {
    this.#target = target
    this.#slots = slots
    this.#cells = slots.length === 0 ? NO_CELLS : slots.map(newCell)
  }

  /**
   * Takes what the runtime sent; undeclared names are ignored (contract 1.3).
   *
   * @returns the declared states the runtime does not know, undefined when it knows all of them
   */
  receive(
    persisted: readonly PersistedValue[],
    indexOf: ReadonlyMap<string, number>,
  ): readonly CompiledSlot[] | undefined {
    const cells = this.#cells
    let known = 0
    for (let at = 0; at < persisted.length; at++) {
      const { stateName, stateValue } = persisted[at]!
      const index = indexOf.get(stateName)
      if (index === undefined) continue
      const cell = cells[index]!
      if (cell.status === UNKNOWN) known++
      cell.status = UNREAD
      cell.received = stateValue
    }
    if (known === cells.length) return undefined
    return this.#slots.filter((_, index) => cells[index]!.status === UNKNOWN)
  }

  /** @throws StatefunError `SF_SDK_STATE_TYPE`, `SF_SDK_STATE_DECODE` */
  read(index: number): unknown {
    const cell = this.#cells[index]!
    return cell.status === UNREAD ? this.#decode(index, cell) : cell.value
  }

  /** @throws StatefunError `SF_SDK_STATE_NULL`, `SF_SDK_STATE_VALUE` */
  write(index: number, value: unknown): void {
    if (value === undefined) {
      this.remove(index)
      return
    }
    const slot = this.#slots[index]!
    if (value === null) {
      throw new StatefunError('SF_SDK_STATE_NULL', `state "${slot.name}" was set to null`, {
        where: formatAddress(this.#target),
        hint: `remove the value with: ctx.state.${slot.name} = undefined`,
      })
    }
    const { holds } = slot.type
    if (holds !== undefined && !holds(value)) throw this.#invalid(slot, value)
    const cell = this.#cells[index]!
    cell.value = value
    cell.status = WRITTEN
  }

  remove(index: number): void {
    const cell = this.#cells[index]!
    cell.value = undefined
    cell.status = REMOVED
  }

  has(index: number): boolean {
    return this.read(index) !== undefined
  }

  /** The final status of every state that changed. @throws StatefunError `SF_SDK_STATE_VALUE` */
  mutations(): readonly StateMutation[] {
    let mutations: StateMutation[] | undefined
    const cells = this.#cells
    for (let index = 0; index < cells.length; index++) {
      const cell = cells[index]!
      const { status } = cell
      if (status === UNREAD || status === READ) continue
      const slot = this.#slots[index]!
      if (status === REMOVED) {
        mutations = appended(mutations, { stateName: slot.name, value: undefined })
        continue
      }
      const bytes = this.#encode(slot, cell.value)
      if (status === SHARED && !this.#changed(slot, cell.received!, bytes)) continue
      mutations = appended(mutations, {
        stateName: slot.name,
        value: { typename: slot.typename, hasValue: true, value: bytes },
      })
    }
    return mutations ?? NONE
  }

  #decode(index: number, cell: Cell): unknown {
    const { received } = cell
    if (received === undefined || !received.hasValue) {
      cell.status = READ
      return undefined
    }
    const slot = this.#slots[index]!
    if (received.typename !== slot.typename) {
      throw new StatefunError(
        'SF_SDK_STATE_TYPE',
        `state "${slot.name}" is stored as ${received.typename} but declared as ${slot.typename}`,
        { where: formatAddress(this.#target), hint: 'declare the stored type, or use another state name' },
      )
    }
    const value = this.#decodeReceived(slot, received)
    cell.value = value
    cell.status = typeof value === 'object' && value !== null ? SHARED : READ
    return value
  }

  #decodeReceived(slot: CompiledSlot, received: TypedValue): unknown {
    try {
      return decodeValue(slot.type, received)
    } catch (error) {
      throw new StatefunError(
        'SF_SDK_STATE_DECODE',
        `state "${slot.name}" cannot be decoded as ${slot.typename}: ${StatefunError.from(error).message}`,
        { where: formatAddress(this.#target), cause: error },
      )
    }
  }

  #encode(slot: CompiledSlot, value: unknown): Uint8Array {
    let bytes: Uint8Array
    try {
      bytes = slot.type.serialize(value)
    } catch (error) {
      throw this.#invalid(slot, value, error)
    }
    return bytes === value ? copyBytes(bytes) : bytes
  }

  #changed(slot: CompiledSlot, received: TypedValue, bytes: Uint8Array): boolean {
    if (equalBytes(bytes, received.value)) return false
    return !equalBytes(bytes, slot.type.serialize(this.#decodeReceived(slot, received)))
  }

  #invalid(slot: CompiledSlot, value: unknown, cause?: unknown): StatefunError {
    const reason = cause === undefined ? '' : `: ${StatefunError.from(cause).message}`
    return new StatefunError(
      'SF_SDK_STATE_VALUE',
      `state "${slot.name}" of type ${slot.typename} cannot hold ${describe(value)}${reason}`,
      { where: formatAddress(this.#target), ...(cause === undefined ? {} : { cause }) },
    )
  }
}

/** An array that is empty when its first item comes takes room for sixteen more, in every call. */
function appended<Item>(items: Item[] | undefined, item: Item): Item[] {
  if (items === undefined) return [item]
  items.push(item)
  return items
}

function newCell(): Cell {
  return { status: UNKNOWN, received: undefined, value: undefined }
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

function describe(value: unknown): string {
  if (typeof value === 'bigint') return `the bigint ${value}n`
  return typeof value === 'object' || typeof value === 'function'
    ? `a value of kind ${typeof value}`
    : `the ${typeof value} ${JSON.stringify(value)}`
}
