const SLOTS = 256
const LONGEST = 96

/** One string per slot and its bytes; a slot is simply overwritten, so the tables never grow. */
const slots: string[] = new Array<string>(SLOTS).fill('')
const slotBytes = new Uint8Array(SLOTS * LONGEST)

/**
 * The string of `bytes[start, end)` if it was seen lately, else undefined.
 *
 * Typenames, namespaces and state names repeat in every message. Reusing one string saves the decoding and lets every
 * later comparison and map look-up work on an already hashed string.
 */
export function internedString(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start
  if (length > LONGEST) return undefined
  const slot = slotOf(length, bytes[start]!, bytes[end - 1]!, bytes[start + (length >> 1)]!)
  const text = slots[slot]!
  if (text.length !== length) return undefined
  // Bytes with bytes: comparing with the characters of the string takes twice as long (measured).
  const at = slot * LONGEST
  // The ends and the middle chose the slot; what differs most often next is the tail: names share their namespaces.
  for (let index = length - 1; index >= 0; index--) {
    if (slotBytes[at + index] !== bytes[start + index]) return undefined
  }
  return text
}

/** Remembers `text`, decoded from `bytes[start, end)`, for {@link internedString}. Only what has one byte per character is kept. */
export function rememberString(text: string, bytes: Uint8Array, start: number, end: number): void {
  const length = end - start
  if (length > LONGEST || text.length !== length) return
  const slot = slotOf(length, bytes[start]!, bytes[end - 1]!, bytes[start + (length >> 1)]!)
  slots[slot] = text
  for (let index = 0; index < length; index++) slotBytes[slot * LONGEST + index] = bytes[start + index]!
}

function slotOf(length: number, first: number, last: number, middle: number): number {
  return (length * 31 + first * 7 + last * 13 + middle * 17) & (SLOTS - 1)
}
