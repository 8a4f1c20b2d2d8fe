import { type Address, formatAddress, StatefunError } from '@statefun/protocol'

/** The refusal of an effect that came after its invocation was over (contract 1.3, rule 7). */
export function lateEffect(address: Address, action: string): StatefunError {
  return new StatefunError('SF_SDK_LATE_EFFECT', `${action} after the handler had finished`, {
    where: formatAddress(address),
    hint: 'await everything the handler starts, and do not keep the context beyond the invocation',
  })
}
