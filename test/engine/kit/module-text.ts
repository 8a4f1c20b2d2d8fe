/** What the module.yaml of a test says. */
export interface ModuleText {
  readonly bootstrap: string
  /** Function types that each topic goes to, such as `{ 'topic-1': ['counter'] }`. */
  readonly topics: Readonly<Record<string, readonly string[]>>
  readonly group?: string
  /** Of the function server; unused while the functions run in the engine's process. */
  readonly url?: string
  /** Lines added to the endpoint, the ingress, the egress, as flow mappings: `failurePolicy: { type: park }`. */
  readonly endpoint?: readonly string[]
  readonly ingress?: readonly string[]
  readonly egress?: readonly string[]
  /** Budget of a call. */
  readonly call?: string
}

/** A module.yaml with one ingress `test/in`, one egress `test/out` and one endpoint for all functions of `test`. */
export function moduleText(module: ModuleText): string {
  const indent = (lines: readonly string[] = []) => lines.map((line) => `\n  ${line}`).join('')
  const topics = Object.entries(module.topics).map(
    ([topic, functions]) =>
      `\n    - { topic: ${topic}, valueType: test/text, targets: [${functions.map((name) => `test/${name}`).join(', ')}] }`,
  )
  return `
kind: io.statefun.endpoints.v2/http
spec:
  functions: test/*
  urlPathTemplate: ${module.url ?? 'http://127.0.0.1:1/'}
  transport: { type: io.statefun.transports.v1/async, call: ${module.call ?? '1min'} }${indent(module.endpoint)}
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: test/in
  address: ${module.bootstrap}
  consumerGroupId: ${module.group ?? 'test'}
  startupPosition: { type: earliest }${indent(module.ingress)}
  topics:${topics.join('')}
---
kind: io.statefun.kafka.v1/egress
spec:
  id: test/out
  address: ${module.bootstrap}${indent(module.egress)}
`
}
