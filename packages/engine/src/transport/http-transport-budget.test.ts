import { afterEach, expect, it } from 'vitest'
import type { EndpointDefinition } from '../module/model.ts'
import { createHttpTransport } from './http-transport.ts'
import {
  asyncEndpoint,
  batchFor,
  okHttpEndpoint,
  Recording,
  replyStatus,
  startServer,
  until,
} from './testing/http-fixture.ts'
import { VirtualClock } from './testing/virtual-clock.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** A call whose time is virtual and whose server is real. */
async function callOn(endpointAt: (url: string) => EndpointDefinition, answers: boolean) {
  const clock = new VirtualClock()
  const server = await startServer((response) => {
    if (answers) replyStatus(response, 503)
  })
  const recording = new Recording()
  const transport = createHttpTransport({
    endpoint: endpointAt(server.url),
    functionType: { namespace: 'example', name: 'counter' },
    observer: recording,
    logger: recording,
    clock,
  })
  cleanUps.push(server.close, () => transport.close())
  const call = { outcome: undefined as unknown }
  Promise.resolve(transport.invoke(batchFor('x'))).then(
    (response) => {
      call.outcome = response
    },
    (error: unknown) => {
      call.outcome = error
    },
  )
  return { clock, server, recording, transport, call }
}

it('async: a hung call ends when the last millisecond of the budget is over, not before', async () => {
  const { clock, server, call } = await callOn((url) => asyncEndpoint(url, { callMs: 120_000 }), false)
  await until(() => server.requests.length === 1)
  clock.advance(119_999)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(call.outcome).toBeUndefined()
  clock.advance(1)
  await until(() => call.outcome !== undefined)
  expect(call.outcome).toMatchObject({
    code: 'SF_TRANSPORT_BUDGET_EXHAUSTED',
    message: expect.stringContaining('(1 attempt)'),
  })
  expect(server.requests).toHaveLength(1)
})

it('async: attempts follow 4, 8, 16 ms after each other and the last one after what was left', async () => {
  const { clock, server, recording, call } = await callOn((url) => asyncEndpoint(url, { callMs: 40 }), true)
  const steps = [4, 8, 16, 12]
  for (const [index, stepMs] of steps.entries()) {
    await until(() => recording.failedAttempts === index + 1)
    clock.advance(stepMs - 1)
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(server.requests).toHaveLength(index + 1)
    clock.advance(1)
  }
  await until(() => call.outcome !== undefined)
  expect(clock.now()).toBe(40)
  expect(call.outcome).toMatchObject({
    code: 'SF_TRANSPORT_BUDGET_EXHAUSTED',
    message: expect.stringContaining('(5 attempts); last: status 503'),
  })
})

it('async: the attempt after the budget gets at least 7 ms, at most 13 ms', async () => {
  const { clock, server, recording, call } = await callOn((url) => asyncEndpoint(url, { callMs: 4 }), true)
  await until(() => recording.failedAttempts === 1)
  server.server.removeAllListeners('request')
  const begunMs = clock.now()
  clock.advance(4)
  clock.advance(6.9)
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(call.outcome).toBeUndefined()
  clock.advance(6.2)
  await until(() => call.outcome !== undefined)
  expect(clock.now() - begunMs).toBeLessThan(4 + 13.2)
})

it('okhttp: attempts follow 10, 20 ms after each other; nothing is sent once the budget is used up', async () => {
  const { clock, server, recording, call } = await callOn(
    (url) => okHttpEndpoint(url, { callMs: 50, connectMs: 50 }),
    true,
  )
  for (const [index, stepMs] of [10, 20, 20].entries()) {
    await until(() => recording.attempts.length === index + 1)
    clock.advance(stepMs)
  }
  await until(() => call.outcome !== undefined)
  expect(call.outcome).toMatchObject({
    code: 'SF_TRANSPORT_BUDGET_EXHAUSTED',
    message: expect.stringContaining('(3 attempts); last: status 503'),
  })
  expect(server.requests).toHaveLength(3)
})

it('a closed transport leaves no timer', async () => {
  const { clock, server, transport, call } = await callOn((url) => okHttpEndpoint(url), false)
  await until(() => server.requests.length === 1)
  expect(clock.due.length).toBeGreaterThan(0)
  await transport.close()
  await until(() => call.outcome !== undefined)
  expect(clock.due).toEqual([])
})

it('a transport closed during a backoff leaves no timer and sends nothing more', async () => {
  const { clock, server, recording, transport, call } = await callOn((url) => asyncEndpoint(url), true)
  await until(() => recording.failedAttempts === 1)
  await transport.close()
  await until(() => call.outcome !== undefined)
  expect(call.outcome).toMatchObject({ code: 'SF_TRANSPORT_CLOSED' })
  expect(clock.due).toEqual([])
  expect(server.requests).toHaveLength(1)
})
