/**
 * Eight bytes through which fixed-width numbers pass. Asking a small Uint8Array for its `buffer` moves it out of V8's
 * heap, so a DataView per value would cost many times the conversion (measured).
 */
const bytes = new Uint8Array(8)
const view = new DataView(bytes.buffer)

/** Copies `size` bytes at `start` of `source`; the view then reads them from 0. */
export function loadFixed(source: Uint8Array, start: number, size: 4 | 8): DataView {
  for (let index = 0; index < size; index++) bytes[index] = source[start + index]!
  return view
}

/** Where to put a number before {@link storeFixed}. */
export const fixedView: DataView = view

/** A message of one fixed-width field: the tag and the first `size` bytes of {@link fixedView}. */
export function storeFixed(tag: number, size: 4 | 8): Uint8Array {
  const message = new Uint8Array(size + 1)
  message[0] = tag
  for (let index = 0; index < size; index++) message[index + 1] = bytes[index]!
  return message
}
