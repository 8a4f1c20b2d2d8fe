/** The topics that the benches move records between, and the function in the middle. */
export const TOPIC_IN = 'bench.in'
export const TOPIC_OUT = 'bench.out'
export const VALUE_TYPE = 'bench/record'

/** The module.yaml of the benchmark app: Kafka, one keyed counter, Kafka. */
export function moduleText(bootstrap: string, functionUrl: string): string {
  return `
kind: io.statefun.endpoints.v2/http
spec:
  functions: bench/*
  urlPathTemplate: ${functionUrl}
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: bench/in
  address: ${bootstrap}
  consumerGroupId: bench
  startupPosition: { type: earliest }
  topics:
    - { topic: ${TOPIC_IN}, valueType: ${VALUE_TYPE}, targets: [bench/counter] }
---
kind: io.statefun.kafka.v1/egress
spec:
  id: bench/out
  address: ${bootstrap}
  deliverySemantic: { type: at-least-once }
`
}
