import type { Address } from '@statefun/protocol'
import { BatchState } from '../batch-state.ts'
import type { StatefulFunction } from '../define-function.ts'
import { compileSlots, type StateDeclarations, type StateView } from '../state-declaration.ts'
import type { MemoryState } from './memory-state.ts'

/** A live view of the stored state of one address: reads and writes go to the store at once. */
export function storedState<S extends StateDeclarations>(
  fn: StatefulFunction<never, S>,
  address: Address,
  store: MemoryState,
  now: () => number,
): StateView<S> {
  const slots = compileSlots(fn.typename, fn.state)
  const view = {}
  for (const slot of slots) {
    const open = (): BatchState => {
      const state = new BatchState(address, [slot])
      const stateValue = store.read(address, slot.spec, now())
      state.receive([{ stateName: slot.name, stateValue }], new Map([[slot.name, 0]]))
      return state
    }
    Object.defineProperty(view, slot.name, {
      enumerable: true,
      get: () => open().read(0),
      set: (value: unknown) => {
        const state = open()
        state.write(0, value)
        for (const mutation of state.mutations()) store.apply(address, mutation, now())
      },
    })
  }
  return Object.freeze(view) as StateView<S>
}
