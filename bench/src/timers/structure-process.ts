import { Timers } from '../../../packages/engine/src/core/timers/timers.ts'
import { threadMs } from './probe.ts'

/** Microseconds of CPU time for each operation with `pending` messages waiting. */
export interface StructureCost {
  readonly add: number
  readonly cancel: number
  readonly fire: number
  readonly bytesEach: number
}

const HOUR_MS = 3_600_000

/** Fills the structure, then cancels and delivers a tenth each, at random places. */
function measure(pending: number): StructureCost {
  const timers = new Timers()
  const value = Buffer.alloc(32, 'x')
  let drawn = 1
  const draw = (below: number) => {
    drawn = (Math.imul(drawn, 1103515245) + 12345) >>> 0
    return Math.floor((drawn / 2 ** 32) * below)
  }
  const part = Math.ceil(pending / 10)
  const memory = process.memoryUsage().arrayBuffers
  const add = micros(pending, (i) => {
    const address = { namespace: 'bench', type: 'reminder', id: `customer-${i}` }
    const argument = { typename: 'bench/record', hasValue: true, value, metadata: undefined }
    const invocation = { caller: address, argument }
    timers.add({ sequence: i, due: draw(HOUR_MS), target: address, invocation, token: 'reminder' })
    if (i % 50_000 !== 0) return
    timers.seal(i + 1)
    timers.encoded()
  })
  const bytesEach = (process.memoryUsage().arrayBuffers - memory) / pending
  const cancel = micros(part, () => timers.cancel(`customer-${draw(pending)}`, 'reminder'))
  let last = 0
  const fire = micros(part, () => {
    const { due } = timers.poll(HOUR_MS)!
    if (due < last) throw new Error(`due at ${due} after ${last}`)
    last = due
  })
  return { add, cancel, fire, bytesEach }
}

function micros(count: number, operation: (i: number) => void): number {
  const began = threadMs()
  for (let i = 0; i < count; i++) operation(i)
  return ((threadMs() - began) * 1000) / count
}

process.once('message', (pending: number) => process.send?.(measure(pending)))
