/**
 * What an engine, or a topology around it, may lack: the name a test asks for it by, and what a report calls it after
 * "not applicable on …: it has no ".
 */
export const CAPABILITIES = {
  kinesis: 'Kinesis ingress and egress',
  'stream-arn': 'routing by the ARN of a stream',
  'kafka-headers': 'headers of Kafka records',
  'invalid-record-policy': 'policy for invalid Kafka records',
  'invalid-record-metrics': 'counters of invalid Kafka records',
  'exactly-once-egress': 'exactly-once Kafka egress',
  's3-checkpoints': 'checkpoints in S3',
  'worker-fault': 'engine process that could be killed',
  'job-manager-fault': 'JobManager that could be killed',
  'functions-fault': 'function server that could be killed',
  'broker-fault': 'broker that could be killed',
  'storage-fault': 'S3 that could be frozen',
  'second-app': 'second app beside the first',
  'read-state': 'way to read the state of an instance',
} as const

/** See {@link CAPABILITIES}. */
export type Capability = keyof typeof CAPABILITIES

/**
 * The declared tags of tests with what they are for. `needs`: capabilities without which no test with that tag applies;
 * one test may need more (`meta: { needs: [...] }`).
 */
export const TAGS = {
  kafka: { description: 'Kafka ingress and egress', needs: [] },
  kinesis: { description: 'Kinesis ingress and egress', needs: ['kinesis'] },
  state: { description: 'state of functions and its expiration', needs: [] },
  'invalid-records': {
    description: 'records without a key or a value',
    needs: ['invalid-record-policy'],
  },
  headers: { description: 'headers of Kafka records', needs: ['kafka-headers'] },
  chaos: { description: 'parts are killed while records flow; its file runs alone', needs: [] },
  smoke: { description: 'random command trees against a model', needs: [] },
  parity: { description: 'one stream through two engines', needs: [] },
} as const satisfies Record<string, { readonly description: string; readonly needs: readonly Capability[] }>

/** See {@link TAGS}. An app of a user may have tags of its own besides. */
export type Tag = keyof typeof TAGS

/**
 * Why a test does not apply to a deployment; undefined when it does.
 *
 * @param needs what the test asks for itself, besides what its tags ask for
 * @param where how the report calls the engine: `Flink (Apache StateFun 3.3.0)`
 * @example
 * // 'not applicable on Flink (Apache StateFun 3.3.0): it has no headers of Kafka records'
 */
export function notApplicable(
  tags: readonly string[],
  needs: readonly Capability[],
  capabilities: readonly Capability[],
  where: string,
): string | undefined {
  const declared: Readonly<Record<string, { readonly needs: readonly Capability[] }>> = TAGS
  const wanted = new Set([...tags.flatMap((tag) => declared[tag]?.needs ?? []), ...needs])
  const lacking = [...wanted].filter((capability) => !capabilities.includes(capability))
  if (lacking.length === 0) return undefined
  return `not applicable on ${where}: it has no ${lacking.map((name) => CAPABILITIES[name]).join(', no ')}`
}
