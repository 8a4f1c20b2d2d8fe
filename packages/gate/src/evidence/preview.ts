import { plain } from '../report/readable.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Bytes of a value that are shown. */
const MOST_BYTES = 2_048

/** A key or value in a file of records: the first bytes as text, and in hexadecimal where they are none. */
export interface BytesPreview {
  readonly bytes: number
  readonly utf8?: string
  readonly hex?: string
}

/** Bytes as a person may look at them; null stays null. */
export function preview(value: Uint8Array | null | undefined): BytesPreview | null {
  if (value === null || value === undefined) return null
  const shown = value.subarray(0, MOST_BYTES)
  const utf8 = textOf(shown)
  return {
    bytes: value.length,
    // Text that was cut within a character is no UTF-8 any more: the hexadecimal form tells all there is.
    ...(utf8 === undefined ? {} : { utf8 }),
    ...(utf8 === undefined || plain(utf8) !== utf8 ? { hex: Buffer.from(shown).toString('hex') } : {}),
  }
}

/** Bytes in a table: text, or `0x…`; `null` and `""` for what is not there and what is empty. */
export function shortPreview(value: Uint8Array | null | undefined, most = 200): string {
  if (value === null || value === undefined) return 'null'
  if (value.length === 0) return '""'
  const text = textOf(value)
  if (text !== undefined && plain(text) === text) {
    return text.length > most ? `${text.slice(0, most)}… (${value.length} bytes)` : text
  }
  const shown = Buffer.from(value.subarray(0, most / 2)).toString('hex')
  return value.length > most / 2 ? `0x${shown}… (${value.length} bytes)` : `0x${shown}`
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}
