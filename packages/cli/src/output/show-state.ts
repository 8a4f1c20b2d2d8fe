import { types } from '@statefun/protocol'
import type { TextStream } from '../io.ts'
import { readable } from './readable.ts'
import { style } from './style.ts'

/** `total = 3  (io.statefun.types/long, expires …)` */
export function stateLine(
  stream: TextStream,
  state: {
    readonly name: string
    readonly typename: string
    readonly value: Uint8Array
    readonly about?: string
  },
): string {
  const about = style(stream, 'dim', `(${state.typename}${state.about ?? ''})`)
  return `${style(stream, 'bold', state.name)} = ${decode(state.typename, state.value)}  ${about}`
}

function decode(typename: string, bytes: Uint8Array): string {
  const builtin = Object.values(types).find((type) => type.typename === typename)
  if (builtin !== undefined) {
    try {
      const value = builtin.deserialize(bytes)
      return typeof value === 'string' ? readable(value) : String(value)
    } catch {
      // Bytes of another form: shown as they are.
    }
  }
  return readable(bytes)
}
