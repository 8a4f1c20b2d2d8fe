import { createRequire } from 'node:module'
import { crc32c as portableCrc32c } from '../cluster/client-library.ts'

type Crc32c = (bytes: Uint8Array) => number

/**
 * CRC-32C (Castagnoli) of the bytes, unsigned.
 *
 * The native implementation is an optional package; it is called directly because the library's wrapper copies its
 * input. Without it, the library's WebAssembly version is used (about a third of the speed).
 */
export const crc32c: Crc32c = loadNative() ?? portableCrc32c

function loadNative(): Crc32c | undefined {
  try {
    const native = createRequire(import.meta.url)('@node-rs/crc32') as { readonly crc32c: Crc32c }
    return (bytes) => native.crc32c(bytes)
  } catch {
    return undefined
  }
}
