const strict = new TextDecoder('utf-8', { fatal: true })
const LONGEST = 120

/** Bytes for a message: text in quotes where they are printable, else hex; long ones are cut. */
export function showBytes(bytes: Uint8Array | null): string {
  if (bytes === null) return 'null'
  const text = readable(bytes)
  if (text !== undefined)
    return text.length > LONGEST ? `${JSON.stringify(text.slice(0, LONGEST))}…` : JSON.stringify(text)
  const hex = Buffer.from(bytes.subarray(0, LONGEST / 2)).toString('hex')
  return `0x${hex}${bytes.length > LONGEST / 2 ? `… (${bytes.length} bytes)` : ''}`
}

function readable(bytes: Uint8Array): string | undefined {
  try {
    const text = strict.decode(bytes)
    return /[^\P{C}\t\n\r]/u.test(text) ? undefined : text
  } catch {
    return undefined
  }
}
