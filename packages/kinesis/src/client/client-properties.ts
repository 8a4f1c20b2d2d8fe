import type { KinesisEgressDefinition, KinesisIngressDefinition } from '@statefun/engine'
import { PropertyReader } from '@statefun/engine'

/**
 * The `clientConfigProperties` of a definition. They have names of Apache's AWS clients (`SocketTimeout`, with a small or a
 * capital letter at the beginning; both are read under the capital one) or of kzm's Flink connector (`aws.region`).
 */
export function clientProperties(
  definition: KinesisIngressDefinition | KinesisEgressDefinition,
): PropertyReader {
  const properties = definition.clientConfigProperties.map(
    ([name, value]) => [connectorKey(name) ? name : capitalized(name), value] as const,
  )
  return new PropertyReader(properties, ownerOf(definition), 'SF_KINESIS_PROPERTY_INVALID')
}

/** `ingress a/b` or `egress a/b`, for messages. */
export function ownerOf({ kind, id }: KinesisIngressDefinition | KinesisEgressDefinition): string {
  return `${kind === 'io.statefun.kinesis.v1/ingress' ? 'ingress' : 'egress'} ${id}`
}

function connectorKey(name: string): boolean {
  return name.includes('.')
}

function capitalized(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1)
}
