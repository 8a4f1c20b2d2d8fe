import { create } from '@bufbuild/protobuf'
import { seededRandom } from '@statefun/gate'
import type { OutgoingRecord } from '@statefun/gate/channel'
import type { ParityStream } from '@statefun/gate/parity'
import {
  CommandGenerator,
  SMOKE_DEFAULTS,
  SmokeModel,
  SourceCommandType,
  smokeTopics,
  verify,
  WITHOUT_DELAYS,
} from '@statefun/gate/smoke'
import { CounterCommand } from '../../examples/counter/counter.ts'
import { CounterCommandSchema } from '../../examples/counter/gen/counter_pb.ts'
import { GreetRequest } from '../../examples/counter/greeter.ts'

const COUNTERS = 12
const GREETERS = 8
const INSTANCES = 16
const RECORDS = 400

/** A stream for several functions of the gate's app whose outcome depends on nothing but the order of each key's records. */
export interface AppStream extends ParityStream {
  readonly counterIds: readonly string[]
  readonly smokeIds: readonly string[]
}

/**
 * Several hundred records over tens of keys: counter, greeter and smoke commands without delays, mixed. The same arguments give
 * the same stream.
 *
 * @param run part of the ids: instances of another run have counted already
 * @param firstInstance the same for instances of the smoke test, whose ids are numbers
 */
export function appStream(seed: number, run: string, firstInstance: number): AppStream {
  const random = seededRandom(seed, 'parity')
  const parameters = {
    ...SMOKE_DEFAULTS,
    ...WITHOUT_DELAYS,
    // What an instance emits is what can be compared.
    sendEgressPr: 0.5,
    firstInstance,
    numberOfFunctionInstances: INSTANCES,
  }
  const [generator, model] = [new CommandGenerator(seed, parameters), new SmokeModel(parameters)]
  const counterIds = Array.from({ length: COUNTERS }, (_, index) => `${run}-counter-${index}`)
  const greeterIds = Array.from({ length: GREETERS }, (_, index) => `${run}-greeter-${index}`)
  const topics = smokeTopics()

  const makers: readonly (() => OutgoingRecord)[] = [
    () => {
      const key = random.pick(counterIds)
      const command = create(CounterCommandSchema, { id: key, delta: BigInt(random.below(2_000) - 1_000) })
      return { topic: 'counter.commands', key, value: CounterCommand.serialize(command) }
    },
    () => {
      const [key, name] = [random.pick(greeterIds), `n${random.below(1_000)}`]
      return { topic: 'greeter.commands', key, value: GreetRequest.serialize(JSON.stringify({ name })) }
    },
    () => {
      const tree = generator.next()
      model.apply(tree)
      return { topic: topics.commands, key: String(tree.target), value: SourceCommandType.serialize(tree) }
    },
  ]
  const records = Array.from({ length: RECORDS }, () => random.pick(makers)())
  const sentTo = (topic: string) => records.filter((record) => record.topic === topic).length
  const discarded = [...model.discarded.values()].reduce((sum, each) => sum + each, 0)
  return {
    records,
    closing: [...model.counts].map(([id, expected]) => ({
      topic: topics.commands,
      key: String(id),
      value: SourceCommandType.serialize(verify(id, expected)),
    })),
    keys: new Set([...counterIds, ...greeterIds, ...[...model.counts.keys()].map(String)]),
    expected: new Map([
      ['counter.results', { records: sentTo('counter.commands'), closing: 0 }],
      ['greeter.results', { records: sentTo('greeter.commands'), closing: 0 }],
      [topics.discarded, { records: discarded, closing: 0 }],
      [topics.verifications, { records: 0, closing: INSTANCES }],
    ]),
    counterIds,
    smokeIds: [...model.counts.keys()].map(String),
  }
}
