import {
  checkParity,
  type OutputJson,
  outputFromJson,
  outputToJson,
  type RecordedOutput,
  recordOutput,
} from '@statefun/gate/parity'
import { smokeSeed, unusedInstance } from '@statefun/gate/smoke'
import { type EngineName, expect } from '@statefun/gate/test'
import { test } from './kit/channel-test.ts'
import { newId } from './kit/new-id.ts'
import { startReference } from './parity/reference-engine.ts'
import { describeValue, emittedStates, rememberedStates } from './parity/states.ts'
import { appStream } from './parity/stream.ts'

const TIMEOUT_MS = 180_000
const ENGINES: readonly EngineName[] = ['embedded', 'flink']

const outputName = (engine: EngineName) => `parity output of ${engine}`

test('one stream comes to the same records and states on every engine', {
  tags: ['parity', 'kafka', 'state'],
  timeout: TIMEOUT_MS,
}, async ({ app, channel, control, engine }) => {
  // One stream for the engines of a run: the first to come here draws it.
  const { seed, run, firstInstance } = await control.share('parity stream', {
    seed: smokeSeed(),
    run: newId('parity'),
    firstInstance: unusedInstance(),
  })
  const stream = appStream(seed, run, firstInstance)
  await using reference = await startReference()
  const timeoutMs = TIMEOUT_MS - 30_000
  const [egress, expected] = await Promise.all([
    recordOutput({ channel, stream, timeoutMs }),
    recordOutput({ channel: reference.channel, stream, timeoutMs }),
  ])
  const deployed: RecordedOutput = {
    engine: engine.title,
    egress,
    state: engine.has('read-state')
      ? await rememberedStates(stream, (typename, id) => app.states(typename, id))
      : emittedStates(egress),
  }
  const inProcess: RecordedOutput = {
    engine: 'an embedded engine in the test',
    egress: expected,
    state: await rememberedStates(stream, reference.states),
  }
  expect(emittedStates(expected)).toEqual(inProcess.state)

  // Given away before looking for the other one: of two engines, one at least sees both.
  await control.share(outputName(engine.name), outputToJson(deployed))
  const compared = [inProcess.engine]
  checkParity(deployed, inProcess, describeValue)
  for (const other of ENGINES.filter((name) => name !== engine.name)) {
    const shared = await control.shared(outputName(other))
    if (shared === undefined) continue
    const output = outputFromJson(shared as OutputJson)
    checkParity(deployed, output, describeValue)
    compared.push(output.engine)
  }
  await control.note(
    `parity on ${engine.title}: seed ${seed}, ${stream.records.length} records in, ${egress.length} out, ` +
      `${deployed.state.size} states, the same as on ${compared.join(' and on ')}`,
  )
})
