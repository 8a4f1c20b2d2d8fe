import { StatefunError } from '@statefun/protocol'
import type { EgressDefinition, IngressDefinition } from '../module/model.ts'
import type { Connector } from './connector.ts'

/**
 * Refuses the Kinesis kinds of module.yaml, which are parsed but have no connector yet.
 *
 * Its two methods throw StatefunError `SF_KINESIS_NOT_AVAILABLE`.
 */
export const kinesisUnavailable: Connector = {
  createSource(definition) {
    if (definition.kind === 'io.statefun.kinesis.v1/ingress') throw unavailable(definition)
    return undefined
  },
  createSink(definition) {
    if (definition.kind === 'io.statefun.kinesis.v1/egress') throw unavailable(definition)
    return undefined
  },
}

function unavailable(definition: IngressDefinition | EgressDefinition): StatefunError {
  const { file, line, column } = definition.location
  return new StatefunError(
    'SF_KINESIS_NOT_AVAILABLE',
    `${definition.kind} "${definition.id}" cannot run here: the Kinesis connector of the embedded engine comes later`,
    {
      where: `${file}:${line}:${column}`,
      hint: 'take this document out of the module.yaml for the embedded engine, or run the app on Flink',
    },
  )
}
