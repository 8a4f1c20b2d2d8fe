import { checkParity, type RecordedOutput, recordOutput } from '@statefun/gate/parity'
import { smokeSeed, unusedInstance } from '@statefun/gate/smoke'
import { expect } from '@statefun/gate/test'
import { test } from './kit/channel-test.ts'
import { newId } from './kit/new-id.ts'
import { startReference } from './parity/reference-engine.ts'
import { describeValue, emittedStates, rememberedStates } from './parity/states.ts'
import { appStream } from './parity/stream.ts'

const TIMEOUT_MS = 120_000

test('one stream comes to the same records and states as on an embedded engine in this process', {
  tags: ['parity', 'kafka', 'state'],
  timeout: TIMEOUT_MS,
}, async ({ app, channel, control, engine }) => {
  const seed = smokeSeed()
  const stream = appStream(seed, newId('parity'), unusedInstance())
  await control.note(`parity on ${engine.title}: seed ${seed}, ${stream.records.length} records`)
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
  checkParity(deployed, inProcess, describeValue)
  expect(emittedStates(expected)).toEqual(inProcess.state)
})
