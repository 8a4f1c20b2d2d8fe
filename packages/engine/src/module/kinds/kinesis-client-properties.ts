import type { ReadContext } from '../read-context.ts'
import type { PropertyEntry } from './properties.ts'

/**
 * Apache's StateFun maps names of the AWS client (`SocketTimeout`), kzm hands the names to Flink's connector
 * (`aws.region`), where they win over the named fields (contract 4.5).
 */
export function checkClientProperties(
  entries: readonly PropertyEntry[] | undefined,
  context: ReadContext,
): void {
  if (!context.forFlink) return
  for (const { name, offset } of entries ?? []) {
    const connectorKey = name.includes('.')
    if (context.target === 'flink-kzm') {
      const message = connectorKey
        ? `kzm StateFun hands ${name} to Flink's connector, where it wins over the named fields`
        : `kzm StateFun hands ${name} to Flink's connector, which knows no such key`
      context.warning('SF_MODULE_FLINK_DIFFERS', offset, message)
    } else if (connectorKey) {
      const message = `Apache StateFun takes names of the AWS client, such as SocketTimeout, not ${name}`
      context.warning('SF_MODULE_FLINK_DIFFERS', offset, message)
    }
  }
}
