import { create } from '@bufbuild/protobuf'
import { checkParity, type RecordedOutput, recordOutput } from '@statefun/gate/parity'
import { type InvocableFunction, StatefunError } from '@statefun/protocol'
import { defineFunction, kafkaEgress, types } from '@statefun/sdk'
import { describe, expect, it } from 'vitest'
import { CounterCommand, CounterResult, counter } from '../../examples/counter/counter.ts'
import { CounterResultSchema } from '../../examples/counter/gen/counter_pb.ts'
import { greeter } from '../../examples/counter/greeter.ts'
import { functions } from '../app/functions.ts'
import { startReference } from './reference-engine.ts'
import { describeValue, emittedStates, rememberedStates } from './states.ts'
import { type AppStream, appStream } from './stream.ts'

async function outputOf(
  engine: string,
  stream: AppStream,
  replaced: readonly InvocableFunction[] = [],
  timeoutMs = 15_000,
): Promise<RecordedOutput> {
  const names = new Set(replaced.map(({ typename }) => typename))
  await using running = await startReference([
    ...functions.filter(({ typename }) => !names.has(typename)),
    ...replaced,
  ])
  const egress = await recordOutput({ channel: running.channel, stream, timeoutMs })
  return { engine, egress, state: await rememberedStates(stream, running.states) }
}

const results = kafkaEgress('counter/kafka-results', { topic: 'counter.results', value: CounterResult })

/** The counter, but for what it adds. */
const counterThatAdds = (added: (delta: bigint, id: string) => bigint) =>
  defineFunction({
    type: counter.typename,
    state: { total: types.long },
    accepts: [CounterCommand],
    handle(ctx, { id, delta }) {
      const total = (ctx.state.total ?? 0n) + added(delta, id)
      ctx.state.total = total
      ctx.emit(results, { key: id, value: create(CounterResultSchema, { id, total }) })
    },
  })

describe('a stream through two engines', () => {
  it.each([1, 2, 3])('comes to the same, and to what the records say: seed %i', async (seed) => {
    const stream = appStream(seed, 'test', 0)
    expect(appStream(seed, 'test', 0).records).toEqual(stream.records)
    const [left, right] = [await outputOf('left', stream), await outputOf('right', stream)]
    checkParity(left, right)
    expect(left.egress.length).toBeGreaterThan(stream.records.length)
    expect(left.state.size).toBeGreaterThan(20)
    expect(emittedStates(left.egress)).toEqual(left.state)
  })

  it.each([
    ['a total that is wrong', [counterThatAdds((delta, id) => (id.endsWith('7') ? delta + 1n : delta))]],
    ['a record that does not come', [defineFunction({ type: greeter.typename, handle() {} })]],
  ])('differs by %s, and says where', async (_what, replaced) => {
    const stream = appStream(5, 'test', 0)
    const left = await outputOf('ours', stream)
    const right = await outputOf('theirs', stream, replaced, 1_500)
    const text = refusal(() => checkParity(left, right, describeValue))
    expect(text).toMatch(
      /^SF_GATE_PARITY topic \[(counter|greeter)\.results\], key \[test-\w+-\d\], record 1 of this key: the engines emit/,
    )
    expect(text).toMatch(
      /^ours: topic \[.*\], partition \[\d\], offset \[\d+\]: (total -?\d+|\{"greeting".*\})$/m,
    )
    expect(text).toMatch(/^theirs: (topic \[.*\]: total -?\d+|no such record)$/m)
  })
})

function refusal(run: () => void): string {
  try {
    run()
  } catch (error) {
    return StatefunError.from(error).format()
  }
  throw new Error('nothing was thrown')
}
