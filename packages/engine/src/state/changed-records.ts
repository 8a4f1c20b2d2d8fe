import type { FunctionType } from '../core/function-type.ts'
import type { SpilledStates, StoredStateVisitor } from '../core/spill.ts'
import { type RecordVisitor, recordLength, visitRecord } from './spilled-record.ts'

/** Records that follow each other in a buffer that does not change there any more. */
interface Run {
  readonly buffer: Buffer
  readonly start: number
  end: number
}

/** Records visited between two looks at the clock of the event loop. */
const SLICE = 2048

/** Records of instances that the open epoch changed and that have left memory since, as they were then, oldest first. */
export class ChangedRecords implements SpilledStates {
  readonly #types: readonly FunctionType[]
  readonly #runs: Run[] = []

  /** @param types by the numbers in the records */
  constructor(types: readonly FunctionType[]) {
    this.#types = types
  }

  add(buffer: Buffer, start: number, end: number): void {
    const last = this.#runs.at(-1)
    if (last?.buffer === buffer && last.end === start) last.end = end
    else this.#runs.push({ buffer, start, end })
  }

  *visit(visit: StoredStateVisitor): Generator<void> {
    let count = 0
    let from: Buffer
    const state: RecordVisitor = (number, idStart, idEnd, slot, stamp, valueStart, valueEnd) =>
      visit(this.#types[number]!, slot, stamp, from, idStart, idEnd, valueStart, valueEnd)
    for (const { buffer, start, end } of this.#runs) {
      from = buffer
      for (let at = start; at < end; at += recordLength(buffer, at)) {
        visitRecord(buffer, at, state)
        if (++count % SLICE === 0) yield
      }
    }
  }
}
