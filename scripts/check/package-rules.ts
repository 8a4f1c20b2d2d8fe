/**
 * Which packages of ours a package may import: arrows point one way,
 * protocol <- sdk <- engine <- connectors <- flink <- gate <- cli. A package that is not listed may import nothing of ours.
 * Workspaces outside packages/ (examples, bench) and tests may import any package that they declare.
 *
 * The engine does not import the sdk: what it calls in this process is protocol's `InvocableFunction`.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  sdk: ['protocol'],
  engine: ['protocol'],
  kafka: ['protocol', 'engine'],
  kinesis: ['protocol', 'engine'],
  s3: ['protocol', 'engine'],
  flink: ['protocol', 'engine'],
  gate: ['protocol', 'sdk', 'engine', 'kafka', 'kinesis', 's3', 'flink'],
  cli: ['protocol', 'sdk', 'engine', 'kafka', 'kinesis', 's3', 'flink', 'gate'],
  console: ['engine'],
}
