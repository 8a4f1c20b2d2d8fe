import { addToTotal } from '../functions/answer.ts'
import type { MessageNumber } from '../functions/message-number.ts'
import type { Program } from '../functions/program.ts'

/** A record of an ingress with the function types that it goes to. */
export interface InputRecord {
  readonly id: string
  readonly number: MessageNumber
  readonly targets: readonly string[]
}

/** What must have come of the input in the end, in whatever order things happened. */
export interface Prediction {
  /** State `total` by `type/id`. */
  readonly totals: ReadonlyMap<string, string>
  /** Records by egress, sorted. */
  readonly records: ReadonlyMap<string, readonly string[]>
}

/** Follows every record of the input through the program, without an engine. */
export function predict(program: Program, input: Iterable<InputRecord>): Prediction {
  const totals = new Map<string, string>()
  const records = new Map<string, string[]>(program.shape.egresses.map((egress) => [egress, []]))
  const open: { type: string; id: string; number: MessageNumber }[] = []
  for (const { id, number, targets } of input) for (const type of targets) open.push({ type, id, number })
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { type, id, number } = next
    const key = `${type}/${id}`
    totals.set(key, addToTotal(totals.get(key), number))
    const deed = program.deed(type, id, number)
    open.push(...deed.sends)
    for (const later of deed.delayed)
      if (typeof later !== 'string' && later.token === undefined) open.push(later)
    for (const { egress, record } of deed.emits) records.get(egress)!.push(record)
  }
  for (const list of records.values()) list.sort()
  return { totals, records }
}
