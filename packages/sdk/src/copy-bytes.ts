/** Up to here V8 keeps the bytes of an array of its own inside the object. */
const SMALL = 64
/** Beyond this a copy gets memory of its own: a large value must not keep a block alive that others fill. */
const LARGE = 2048
const BLOCK = 16 * 1024

let block = new ArrayBuffer(BLOCK)
let used = 0

/**
 * A copy that shares nothing with `bytes`. `slice()` would not do: that of a Buffer is a view of the same memory. Copies of
 * middling size share blocks, as Node's Buffers do, because memory of their own costs more than the copy.
 */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  if (length <= SMALL || length > LARGE) return new Uint8Array(bytes)
  if (used + length > BLOCK) {
    block = new ArrayBuffer(BLOCK)
    used = 0
  }
  const copy = new Uint8Array(block, used, length)
  copy.set(bytes)
  used += length
  return copy
}
