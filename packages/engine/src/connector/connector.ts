import type { Logger } from '../logger.ts'
import type { MetricRegistry } from '../metrics/registry.ts'
import type { EgressDefinition, IngressDefinition } from '../module/model.ts'
import type { Sink } from './sink.ts'
import type { Source } from './source.ts'
import type { TransactionalSink } from './transactional-sink.ts'

/** What a connector may use of its surroundings. */
export interface ConnectorContext {
  /** Name of the app; part of client ids. */
  readonly app: string
  readonly logger: Logger
  readonly metrics: MetricRegistry
}

/**
 * Makes sources and sinks for some kinds of module.yaml. A connector is tried in order; undefined means "not mine".
 */
export interface Connector {
  createSource(definition: IngressDefinition, context: ConnectorContext): Source | undefined
  createSink(definition: EgressDefinition, context: ConnectorContext): Sink | TransactionalSink | undefined
}
