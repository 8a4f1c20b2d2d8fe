import { writer } from './writer.ts'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The UTF-8 bytes of `text`; a lone surrogate becomes U+FFFD. */
export function toUtf8(text: string): Uint8Array {
  const out = writer.begin()
  out.utf8(text)
  return out.finish()
}

/** The text of UTF-8 bytes, a byte order mark included; invalid bytes become U+FFFD. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}
