const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text or bytes as one line that cannot act on a terminal; what is no UTF-8 in hexadecimal. */
export function readable(value: string | Uint8Array | null | undefined): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value !== 'string') {
    try {
      return readable(strict.decode(value))
    } catch {
      return `0x${Buffer.from(value).toString('hex')}`
    }
  }
  const safe = value.replace(/\p{Cc}/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return safe === '' ? '""' : safe
}
