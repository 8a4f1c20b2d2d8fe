import {
  encodeToFunction,
  type FunctionResponse,
  type InvocationBatch,
  type TypedValue,
} from '@statefun/protocol'

/** The function under test, the same in every SDK: adds the message, an `int`, to its only state `total`. */
export const FUNCTION_TYPENAME = 'bench/counter'

/** Type of the state `total`: `long` everywhere but in the npm package, which has no such type. */
export type TotalType = 'long' | 'int'

/** One request and what a right answer to it must set `total` to. */
export interface BenchRequest {
  readonly bytes: Uint8Array
  readonly total: bigint
}

/**
 * `count` requests for different ids, each a batch of `batchSize` messages to an instance that already has a total.
 * The values fit the `int` variant, so that both variants mean the same.
 */
export function benchRequests(
  batchSize: number,
  count: number,
  totalType: TotalType,
): readonly BenchRequest[] {
  return Array.from({ length: count }, (_, request) => {
    const before = 100_000 + request
    const deltas = Array.from({ length: batchSize }, (_, index) => 1 + ((request + index) % 100))
    const batch: InvocationBatch = {
      target: { namespace: 'bench', type: 'counter', id: `customer-${String(request).padStart(6, '0')}` },
      state: [{ stateName: 'total', stateValue: totalValue(before, totalType) }],
      invocations: deltas.map((delta) => ({ caller: undefined, argument: intValue(delta) })),
    }
    return {
      bytes: encodeToFunction(batch),
      total: BigInt(deltas.reduce((sum, delta) => sum + delta, before)),
    }
  })
}

/**
 * Checks that an answer sets `total` to the right value of the right type and does nothing else.
 *
 * @throws Error saying what is wrong with it
 */
export function checkAnswer(answer: FunctionResponse, total: bigint, totalType: TotalType): void {
  if (answer.kind !== 'response') throw new Error('the state was not recognised: it was asked for again')
  const [mutation, ...others] = answer.stateMutations
  const effects = others.length + answer.outgoingMessages.length + answer.delayedInvocations.length
  if (mutation === undefined || effects + answer.outgoingEgresses.length > 0) {
    throw new Error(
      `expected one state mutation and nothing else, got ${answer.stateMutations.length} mutations`,
    )
  }
  const { stateName, value } = mutation
  const typename = `io.statefun.types/${totalType}`
  if (stateName !== 'total' || value?.typename !== typename) {
    throw new Error(`expected a new total of type ${typename}, got ${stateName} of type ${value?.typename}`)
  }
  const view = new DataView(value.value.buffer, value.value.byteOffset, value.value.byteLength)
  const found = totalType === 'long' ? view.getBigInt64(1, true) : BigInt(view.getInt32(1, true))
  if (found !== total) throw new Error(`the new total is ${found}, not ${total}`)
}

function intValue(value: number): TypedValue {
  const bytes = Buffer.alloc(5)
  bytes.writeUInt8(0x0d)
  bytes.writeInt32LE(value, 1)
  return { typename: 'io.statefun.types/int', hasValue: true, value: bytes }
}

function totalValue(value: number, type: TotalType): TypedValue {
  if (type === 'int') return intValue(value)
  const bytes = Buffer.alloc(9)
  bytes.writeUInt8(0x09)
  bytes.writeBigInt64LE(BigInt(value), 1)
  return { typename: 'io.statefun.types/long', hasValue: true, value: bytes }
}
