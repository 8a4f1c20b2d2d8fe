import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Version of this package. */
export const VERSION = readVersion()

function readVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}
