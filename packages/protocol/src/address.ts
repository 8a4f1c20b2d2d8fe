import type { Address } from './messages.ts'

/** The form of an address in logs and errors: `example/counter id [alice]`. */
export function formatAddress(address: Address): string {
  return `${address.namespace}/${address.type} id [${address.id}]`
}
