import { create } from '@bufbuild/protobuf'
import { CounterCommand } from '../../examples/counter/counter.ts'
import { CounterCommandSchema } from '../../examples/counter/gen/counter_pb.ts'

/** A record that adds to the counter of an id, keyed by the id. */
export function addTo(id: string, delta: bigint) {
  return { key: id, as: CounterCommand, value: create(CounterCommandSchema, { id, delta }) }
}
