import type { Connector } from '../connector/connector.ts'
import { PlaygroundEgress } from './playground-egress.ts'
import { PlaygroundIngress } from './playground-ingress.ts'
import type { PlaygroundOptions } from './playground-server.ts'

/** Serves the playground kinds of module.yaml: messages in and records out over plain HTTP (contract 4.6). */
export function playgroundConnector(options: PlaygroundOptions = {}): Connector {
  return {
    createSource(definition) {
      return definition.kind === 'io.statefun.playground.v1/ingress'
        ? new PlaygroundIngress(definition, options)
        : undefined
    },
    createSink(definition) {
      return definition.kind === 'io.statefun.playground.v1/egress'
        ? new PlaygroundEgress(definition, options)
        : undefined
    },
  }
}
