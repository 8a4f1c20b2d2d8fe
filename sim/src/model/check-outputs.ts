import type { SimBroker } from '../broker/sim-broker.ts'
import type { Connections } from '../engine/make-job.ts'
import type { Scenario } from '../scenario.ts'
import { demand } from '../violation.ts'
import type { Model } from './model.ts'
import { predict } from './prediction.ts'

/**
 * What `read_committed` shows of an exactly-once egress is what was emitted, from the first record on, in order.
 *
 * @throws Violation
 */
export function checkVisible({ exactlyOnce }: Scenario, broker: SimBroker, model: Model): void {
  for (const egress of exactlyOnce) {
    const { visible } = broker.output(egress)
    const emitted = model.emitted.get(egress)!
    for (let at = visible.length - 1; at >= 0; at--) {
      demand(
        visible[at] === emitted[at],
        () => `record ${at} of egress ${egress} is ${visible[at]}, emitted was ${emitted[at]}`,
      )
    }
  }
}

/**
 * What a durable epoch has emitted to an at-least-once egress is there.
 *
 * @throws Violation
 */
export function checkDelivered({ atLeastOnce }: Scenario, broker: SimBroker, model: Model): void {
  for (const egress of atLeastOnce) {
    const delivered = new Set(broker.output(egress).visible)
    for (const record of model.emitted.get(egress)!) {
      demand(delivered.has(record), () => `record ${record} of egress ${egress} is lost`)
    }
  }
}

/** Whether everything is worked off and published, as far as a model knows. */
export function isComplete({ scenario, input, broker }: Connections, model: Model): boolean {
  if (model.waiting > 0 || model.delayed.size > 0) return false
  for (const [partition, records] of input.partitions) {
    if ((model.taken.get(partition) ?? 0) < records.length) return false
  }
  return scenario.exactlyOnce.every(
    (egress) => broker.output(egress).visible.length === model.emitted.get(egress)!.length,
  )
}

/**
 * In the end everything has come of the input that must come of it, as found by following each record on its own.
 *
 * @throws Violation
 */
export function checkEnd({ scenario, program, input, broker }: Connections, model: Model): void {
  const { totals, records } = predict(program, input.records())
  for (const [key, total] of totals) {
    const found = model.states.get(key, 'total')
    demand(found === total, () => `total of ${key} is ${found}, predicted was ${total}`)
  }
  for (const egress of scenario.exactlyOnce) {
    const visible = [...broker.output(egress).visible].sort()
    demand(
      visible.join() === records.get(egress)!.join(),
      () => `egress ${egress} holds ${visible.length} records, predicted were ${records.get(egress)!.length}`,
    )
  }
  for (const egress of scenario.atLeastOnce) {
    const visible = new Set(broker.output(egress).visible)
    const expected = records.get(egress)!
    demand(
      visible.size === expected.length && expected.every((record) => visible.has(record)),
      () => `egress ${egress} holds ${visible.size} different records, predicted were ${expected.length}`,
    )
  }
}
