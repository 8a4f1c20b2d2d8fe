import type { IncomingRecord } from '@statefun/gate/channel'
import { COMMAND_INTERPRETER, smokeTopics, VerificationResultType } from '@statefun/gate/smoke'
import type { StateOfInstance } from '@statefun/gate/test'
import { types } from '@statefun/sdk'
import { CounterResult, counter } from '../../examples/counter/counter.ts'
import type { AppStream } from './stream.ts'

/** Reads the states of an instance, from wherever they are. */
export type ReadStates = (
  typename: string,
  id: string,
) => Promise<readonly StateOfInstance[]> | readonly StateOfInstance[]

/** What the counters and the instances of the smoke test remember, read from their engine. */
export async function rememberedStates(stream: AppStream, read: ReadStates): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const instances = [
    ...stream.counterIds.map((id) => [counter.typename, id] as const),
    ...stream.smokeIds.map((id) => [COMMAND_INTERPRETER, id] as const),
  ]
  for (const [typename, id] of instances) {
    for (const { name, value } of await read(typename, id)) {
      found.set(`${typename}/${id} ${name}`, String(types.long.deserialize(value)))
    }
  }
  return found
}

/** The same by what they said last: for engines whose states nobody can read. */
export function emittedStates(egress: readonly IncomingRecord[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const { topic, key, value } of egress) {
    if (topic === 'counter.results') {
      found.set(`${counter.typename}/${key} total`, String(CounterResult.deserialize(value).total))
    } else if (topic === smokeTopics().verifications) {
      const { actual } = VerificationResultType.deserialize(value)
      // An instance without a state reports 0.
      if (actual > 0n) found.set(`${COMMAND_INTERPRETER}/${key} state`, String(actual))
    }
  }
  return found
}

/** How records of the stream are shown. */
export function describeValue(topic: string, value: Uint8Array): string {
  if (topic === 'counter.results') return `total ${CounterResult.deserialize(value).total}`
  if (topic === smokeTopics().verifications) {
    const { id, expected, actual } = VerificationResultType.deserialize(value)
    return `id ${id}, expected ${expected}, actual ${actual}`
  }
  return Buffer.from(value).toString()
}
