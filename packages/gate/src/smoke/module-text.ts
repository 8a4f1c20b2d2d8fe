import {
  COMMAND_INTERPRETER,
  DISCARD_SINK,
  type SmokeTopics,
  smokeTopics,
  VERIFICATION_SINK,
} from './messages.ts'

/** What {@link smokeModule} writes. */
export interface SmokeModule {
  /** Where the function is served. */
  readonly url: string
  /** `host:port` of Kafka. */
  readonly bootstrap: string
  readonly topics?: SmokeTopics
  /** Group of the ingress; default `smoke`. */
  readonly group?: string
  readonly exactlyOnce: boolean
}

/** The module.yaml of a smoke test on its own, for Flink and for the embedded engine (contract 8.4). */
export function smokeModule({
  url,
  bootstrap,
  topics = smokeTopics(),
  group = 'smoke',
  exactlyOnce,
}: SmokeModule): string {
  const delivery = exactlyOnce
    ? '{ type: exactly-once, transactionTimeout: 10min }'
    : '{ type: at-least-once }'
  const egress = (id: string) => `---
kind: io.statefun.kafka.v1/egress
spec:
  id: ${id}
  address: ${bootstrap}
  deliverySemantic: ${delivery}
`
  return `kind: io.statefun.endpoints.v2/http
spec:
  functions: ${COMMAND_INTERPRETER}
  urlPathTemplate: ${url}
  maxNumBatchRequests: 10000
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: statefun.smoke.e2e/command-generator-source
  address: ${bootstrap}
  consumerGroupId: ${group}
  startupPosition: { type: earliest }
  topics:
    - topic: ${topics.commands}
      valueType: statefun.smoke.e2e/source-command
      targets: [${COMMAND_INTERPRETER}]
${egress(DISCARD_SINK)}${egress(VERIFICATION_SINK)}`
}
