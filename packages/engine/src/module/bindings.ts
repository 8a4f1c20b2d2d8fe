import { nearestName } from '@statefun/protocol'
import type { Binding, Reference } from './kinds/kind.ts'
import type { ReadContext } from './read-context.ts'

/** Reports an id, function type or namespace that is bound twice (contract 4.1). */
export function checkUnique(bindings: readonly Binding[], context: ReadContext): void {
  const first = new Map<string, Reference>()
  for (const { role, key } of bindings) {
    const earlier = first.get(`${role} ${key.name}`)
    if (earlier === undefined) {
      first.set(`${role} ${key.name}`, key)
      continue
    }
    const line = context.location(earlier.offset).line
    const message = `A binding for the key ${key.shown} was previously defined.`
    context.error(
      'SF_MODULE_DUPLICATE',
      key.offset,
      message,
      `the first one is at line ${line}; remove one of them`,
    )
  }
}

/**
 * Warns about targets that no endpoint serves: the job starts, and fails on the first record for them (contract 6).
 *
 * @param served function types that are served in process
 */
export function checkTargets(
  bindings: readonly Binding[],
  served: readonly string[],
  context: ReadContext,
): void {
  const patterns = [
    ...served,
    ...bindings.flatMap((binding) => (binding.role === 'endpoint' ? [binding.key.name] : [])),
  ]
  const known = new Set(patterns)
  for (const binding of bindings) {
    if (binding.role !== 'ingress') continue
    for (const target of binding.targets) {
      const namespace = target.name.slice(0, target.name.indexOf('/'))
      if (known.has(target.name) || known.has(`${namespace}/*`)) continue
      const near = nearestName(target.shown, patterns)
      context.warning(
        'SF_MODULE_UNBOUND_TARGET',
        target.offset,
        `no endpoint serves ${target.shown}: the first record for it fails the job`,
        near === undefined
          ? 'add an endpoint with functions that match'
          : `did you mean a function of ${near}?`,
      )
    }
  }
}

/** Reports a dead-letter egress that the file does not define, or that does not write to Kafka. */
export function checkDeadLetters(bindings: readonly Binding[], context: ReadContext): void {
  const egresses = bindings.flatMap((binding) => (binding.role === 'egress' ? [binding.definition] : []))
  const kafka = egresses.filter(({ kind }) => kind === 'io.statefun.kafka.v1/egress').map(({ id }) => id)
  for (const binding of bindings) {
    const egress = binding.role === 'endpoint' ? binding.deadLetterEgress : undefined
    if (egress === undefined || kafka.includes(egress.name)) continue
    const other = egresses.some(({ id }) => id === egress.name)
    const near = nearestName(egress.shown, kafka)
    context.error(
      'SF_MODULE_BAD_VALUE',
      egress.offset,
      other
        ? `the egress ${egress.shown} does not write to Kafka, where dead letters go`
        : `the file has no egress ${egress.shown} for dead letters`,
      near === undefined ? 'define an egress of kind io.statefun.kafka.v1/egress' : `did you mean ${near}?`,
    )
  }
}
