import { MemoryTopics, serveTopics } from '@statefun/engine'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Phases } from '../run/phases.ts'
import { type RunEvent, RunEvents } from '../run/run-events.ts'
import { FakeTopology } from '../run/testing/fake-topology.ts'
import type { ControlAccess } from '../topology/deployment-access.ts'
import { ControlClient } from './control-client.ts'
import { ControlServer } from './control-server.ts'

let topology: FakeTopology
let phases: Phases
let server: ControlServer
let access: ControlAccess
let client: ControlClient
let seen: RunEvent[]
let stops: number

beforeEach(async () => {
  const events = new RunEvents()
  seen = []
  events.subscribe((event) => seen.push(event))
  stops = 0
  server = new ControlServer(events, () => void stops++)
  await server.listen()
  topology = new FakeTopology()
  phases = new Phases(events, new AbortController().signal)
  const app = { name: 'shop', folder: '/', config: '/config.ts', module: '/module.yaml' }
  const started = topology.start({ app, engines: ['embedded'], kinesis: false, folder: '/' }, phases)
  const deployment = await started.get('embedded')
  if (deployment === undefined) throw new Error('there is no deployment')
  const topics = new MemoryTopics()
  access = server.add({ ...deployment, serve: (request, response) => serveTopics(topics, request, response) })
  client = new ControlClient(access)
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await phases.dispose()
})

describe('the control server', () => {
  test('answers nobody without its token', async () => {
    const stranger = new ControlClient({ ...access, token: 'guessed' })
    await expect(stranger.parts()).rejects.toMatchObject({ code: 'SF_GATE_CONTROL_TOKEN' })
    expect((await fetch(`${server.url}/stop`, { method: 'POST' })).status).toBe(401)
    expect(stops).toBe(0)
  })

  test('keeps the first value that a test gives to the others', async () => {
    expect(await client.shared('seed/of smoke')).toBeUndefined()
    expect(await client.share('seed/of smoke', { seed: 1 })).toEqual({ seed: 1 })
    expect(await new ControlClient(access).share('seed/of smoke', { seed: 2 })).toEqual({ seed: 1 })
    expect(await client.shared('seed/of smoke')).toEqual({ seed: 1 })
  })

  test('names parts with what can be done to them, and does it', async () => {
    expect(await client.parts()).toEqual([{ name: 'worker', title: 'a worker', can: ['kill'] }])
    expect(await client.log('worker')).toBe('log of the worker\n')
    await client.fault('worker', 'kill')
    expect(topology.log).toContain('worker killed')
    expect(seen).toContainEqual(
      expect.objectContaining({
        type: 'fault',
        part: 'worker',
        change: 'killed',
        deployment: 'fake on embedded',
      }),
    )
    await expect(client.fault('worker', 'pause')).rejects.toMatchObject({
      code: 'SF_GATE_LACKS',
      message: '"worker" is no part that a test can pause',
    })
    await expect(client.log('broker')).rejects.toMatchObject({
      code: 'SF_GATE_UNKNOWN',
      hint: 'did you mean "worker"?',
    })
  })

  test('shows an app', async () => {
    expect(await client.status('shop')).toEqual({ state: 'running', restarts: 0, checkpoints: 1 })
    expect(await client.metrics('shop')).toContain('a_b{x="1"} 2')
    expect(await client.appLog('shop')).toBe('log of the app\n')
    const [state] = await client.state('shop', 'ns/fn', 'id/with ä and /')
    expect(new TextDecoder().decode(state?.value)).toBe('ns/fn id/with ä and /')
    await expect(client.status('shopp')).rejects.toMatchObject({ hint: 'did you mean "shop"?' })
  })

  test('deploys a second app and ends it, at the latest with itself', async () => {
    await client.deploy({ name: 'second', module: '' })
    await client.deploy({ name: 'third', module: '' })
    expect((await client.status('second')).state).toBe('failed')
    await expect(client.deploy({ name: 'second', module: '' })).rejects.toMatchObject({
      code: 'SF_GATE_APP_EXISTS',
    })
    await client.undeploy('second')
    await expect(client.undeploy('shop')).rejects.toMatchObject({ code: 'SF_GATE_APP' })
    expect(topology.log).toContain('second undeployed')
    await server[Symbol.asyncDispose]()
    expect(topology.log).toContain('third undeployed')
  })

  test('takes notes and the wish to end', async () => {
    await client.note('half of it is sent')
    expect(seen).toContainEqual(expect.objectContaining({ type: 'note', text: 'half of it is sent' }))
    await fetch(`${server.url}/stop`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.token}` },
    })
    await expect.poll(() => stops).toBe(1)
  })

  test('that is gone is named as such', async () => {
    await server[Symbol.asyncDispose]()
    await expect(client.parts()).rejects.toMatchObject({ code: 'SF_GATE_CONTROL_GONE', where: access.url })
  })
})
