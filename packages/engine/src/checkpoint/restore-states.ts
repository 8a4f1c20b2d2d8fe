import type { Core } from '../core/core.ts'
import type { FunctionType } from '../core/function-type.ts'
import type { DiskState } from '../state/disk-state.ts'
import type { StateElement } from './state-element.ts'

/** Where states go that do not fit into memory; see DiskState. */
export type RestoreTarget = Pick<DiskState, 'restore' | 'makeRoom' | 'restored'>

/** Puts the states of a checkpoint where they belong, each change over what was there before. */
export class StateRestorer {
  /** How many there were. */
  count = 0
  readonly #core: Core
  readonly #now: number
  readonly #disk: RestoreTarget | undefined
  /** Of the state before: most are followed by others of their kind. */
  #namespace = ''
  #type = ''
  #name = ''
  #typename = ''
  #functionType: FunctionType | undefined
  #slot = -1

  constructor(core: Core, now: number, disk?: RestoreTarget) {
    this.#core = core
    this.#now = now
    this.#disk = disk
  }

  restore(element: StateElement): void {
    this.count++
    const type = this.#typeOf(element)
    const { stamp, bytes, idRange, valueStart, valueEnd } = element
    if (this.#disk === undefined) restoreInMemory(type, this.#slot, element)
    else this.#disk.restore(type, this.#slot, stamp, bytes, idRange.start, idRange.end, valueStart, valueEnd)
  }

  /** Finds the slot as well. */
  #typeOf({ namespace, type, name, typename }: StateElement): FunctionType {
    const before = this.#functionType
    if (
      before !== undefined &&
      name === this.#name &&
      type === this.#type &&
      namespace === this.#namespace &&
      typename === this.#typename
    )
      return before
    const functionType = this.#core.types.restored(namespace, type)
    functionType.restoredAt = this.#now
    this.#slot = functionType.restoreSlot(name, typename)
    this.#namespace = namespace
    this.#type = type
    this.#name = name
    this.#typename = typename
    this.#functionType = functionType
    return functionType
  }
}

function restoreInMemory(type: FunctionType, slot: number, element: StateElement): void {
  const instance = type.instances.find(element.idRange) ?? type.instance(element.id)
  if (!element.deleted) {
    instance.restoreValue(slot, element.bytes, element.valueStart, element.valueEnd, element.stamp)
    return
  }
  instance.restoreRemoval(slot, element.stamp)
  if (instance.disposable) type.forget(instance)
}
