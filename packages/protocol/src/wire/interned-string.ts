const SLOTS = 256
const LONGEST = 96

/** One string per slot; a slot is simply overwritten, so the table never grows. */
const slots: string[] = new Array<string>(SLOTS).fill('')

/**
 * The string of `bytes[start, end)` if it is ASCII and was seen lately, else undefined.
 *
 * Typenames, namespaces and state names repeat in every message. Reusing one string saves the decoding and lets every
 * later comparison and map look-up work on an already hashed string.
 */
export function internedString(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start
  if (length > LONGEST) return undefined
  const text = slots[slotOf(length, bytes[start]!, bytes[end - 1]!, bytes[start + (length >> 1)]!)]!
  if (text.length !== length) return undefined
  // The ends and the middle chose the slot; what differs most often next is the tail: names share their namespaces.
  for (let index = length - 2; index >= 0; index--) {
    if (text.charCodeAt(index) !== bytes[start + index]) return undefined
  }
  return text.charCodeAt(length - 1) === bytes[end - 1] ? text : undefined
}

/** Remembers `text`, decoded from `bytes[start, end)`, for {@link internedString}. Only ASCII is kept. */
export function rememberString(text: string, bytes: Uint8Array, start: number, end: number): void {
  const length = end - start
  // Equal lengths mean one byte per character: ASCII, or U+FFFD for an invalid byte, which then never compares equal.
  if (length > LONGEST || text.length !== length) return
  slots[slotOf(length, bytes[start]!, bytes[end - 1]!, bytes[start + (length >> 1)]!)] = text
}

function slotOf(length: number, first: number, last: number, middle: number): number {
  return (length * 31 + first * 7 + last * 13 + middle * 17) & (SLOTS - 1)
}
