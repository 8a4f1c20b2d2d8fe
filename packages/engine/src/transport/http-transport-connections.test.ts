import { fork } from 'node:child_process'
import type { ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import type { AsyncTransport } from '../module/model.ts'
import { HttpPools } from './http-pools.ts'
import { createHttpTransport } from './http-transport.ts'
import {
  type Answer,
  asyncEndpoint,
  batchFor,
  errorOnceExhausted,
  idIn,
  nameOf,
  Recording,
  reply,
  startServer,
  type TestServer,
  until,
} from './testing/http-fixture.ts'
import { VirtualClock } from './testing/virtual-clock.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function serving(answer: Answer): Promise<TestServer> {
  const server = await startServer(answer)
  cleanUps.push(server.close)
  return server
}

function transportTo(
  url: string,
  overrides: Partial<AsyncTransport> = {},
  pools?: HttpPools,
  name = 'counter',
  clock?: VirtualClock,
) {
  const recording = new Recording()
  const transport = createHttpTransport({
    endpoint: asyncEndpoint(url, overrides),
    functionType: { namespace: 'example', name },
    observer: recording,
    logger: recording,
    ...(pools === undefined ? {} : { pools }),
    ...(clock === undefined ? {} : { clock }),
  })
  cleanUps.push(() => transport.close())
  return { recording, transport, invoke: async (id: string) => transport.invoke(batchFor(id)) }
}

const portsOf = (server: TestServer) => new Set(server.requests.map((request) => request.port))
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

it('one call after the other uses one connection', async () => {
  const server = await serving((response) => reply(response))
  const { invoke } = transportTo(server.url)
  for (let call = 0; call < 20; call++) await invoke(`id-${call}`)
  expect(portsOf(server).size).toBe(1)
})

it('keeps the connection after an answer that is no success', async () => {
  const server = await serving((response, _request, index) => {
    if (index % 2 === 0) response.writeHead(500).end('x'.repeat(5000))
    else reply(response)
  })
  const { invoke } = transportTo(server.url)
  await invoke('a')
  await invoke('b')
  expect(server.requests).toHaveLength(4)
  expect(portsOf(server).size).toBe(1)
})

it('never lets a call wait for another while there are few', async () => {
  const held: ServerResponse[] = []
  const server = await serving((response) => void held.push(response))
  const { invoke } = transportTo(server.url)
  const calls = Array.from({ length: 16 }, (_, index) => invoke(`id-${index}`))
  await until(() => held.length === 16)
  expect(portsOf(server).size).toBe(16)
  for (const response of held) reply(response)
  await Promise.all(calls)
})

it('gives each of many calls at once its own answer', async () => {
  const ids = Array.from({ length: 3000 }, (_, index) => `<${index}>`)
  const server = await serving((response, request) =>
    reply(response, /<\d+>/.exec(request.body.toString('latin1'))?.[0]),
  )
  const { invoke, recording } = transportTo(server.url)
  const names = await Promise.all(ids.map(async (id) => nameOf(await invoke(id))))
  expect(names).toEqual(ids)
  expect(recording.failedAttempts).toBe(0)
})

it('a call that hangs holds up none of the others, and is not sent twice', async () => {
  const held: ServerResponse[] = []
  const server = await serving((response, request) => {
    if (request.body.includes('hung')) held.push(response)
    else reply(response)
  })
  const { invoke, recording } = transportTo(server.url)
  let done = 0
  const calls: Promise<unknown>[] = []
  for (let index = 0; index < 400; index++) {
    calls.push(invoke(index % 50 === 0 ? `hung-${index}` : `id-${index}`).then(() => done++))
  }
  await until(() => done === 392)
  expect(held).toHaveLength(8)
  for (const response of held) reply(response)
  await Promise.all(calls)
  expect(recording.failedAttempts).toBe(0)
  expect(server.requests.filter((request) => request.body.includes('hung'))).toHaveLength(8)
})

it('calls behind one that fails on a shared connection are answered all the same', async () => {
  const server = await serving((response, request, index) => {
    if (index < 300 && request.body.includes('poison')) response.destroy()
    else reply(response, idIn(request, ['poison']) ?? 'fine')
  })
  const { invoke } = transportTo(server.url)
  const calls = Array.from({ length: 400 }, (_, index) =>
    invoke(index % 40 === 7 ? `poison-${index}` : `id-${index}`),
  )
  const names = (await Promise.all(calls)).map(nameOf)
  expect(names.filter((name) => name === 'poison')).toHaveLength(10)
  expect(names.filter((name) => name === 'fine')).toHaveLength(390)
})

it('waits for a free connection of a full pool', async () => {
  const held: ServerResponse[] = []
  const server = await serving((response) => void held.push(response))
  const { invoke, recording } = transportTo(server.url, { poolSize: 2 })
  const calls = ['a', 'b', 'c'].map((id) => invoke(id))
  await until(() => held.length === 2)
  await pause(50)
  expect(held).toHaveLength(2)
  reply(held[0] as ServerResponse)
  await until(() => held.length === 3)
  for (const response of held.slice(1)) reply(response)
  await Promise.all(calls)
  expect(portsOf(server).size).toBe(2)
  expect(recording.failedAttempts).toBe(0)
})

it('waiting longer than `connect` for a free connection is a failed attempt, and tried again', async () => {
  const held: ServerResponse[] = []
  const server = await serving((response, request) => {
    if (request.body.includes('slow')) held.push(response)
    else reply(response)
  })
  const { invoke, recording } = transportTo(server.url, { poolSize: 1, connectMs: 600 })
  const slow = invoke('slow')
  await until(() => held.length === 1)
  const second = invoke('second')
  await until(() => recording.failedAttempts >= 1)
  expect(recording.warnings[0]?.message).toContain('no free connection within 600 ms (pool of 1)')
  reply(held[0] as ServerResponse)
  expect(nameOf(await second)).toBe('ok')
  await slow
})

it('a connection that cannot be made within `connect` is a failed attempt', async () => {
  const { invoke, recording } = transportTo('http://192.0.2.1:9/', { connectMs: 40, callMs: 120 })
  await expect(invoke('x')).rejects.toMatchObject({ code: 'SF_TRANSPORT_BUDGET_EXHAUSTED' })
  expect(recording.failedAttempts).toBeGreaterThan(0)
})

it('replaces connections after pool_ttl without failing calls', async () => {
  const ports = new Set<number>()
  const server = await serving((response, { port }) => {
    ports.add(port)
    setTimeout(() => reply(response), 2)
  })
  const random = Math.random
  cleanUps.push(() => {
    Math.random = random
  })
  Math.random = () => -0.499
  const { invoke, recording } = transportTo(server.url, { poolTtlMs: 60 })
  const endMs = performance.now() + 15_000
  await Promise.all(
    Array.from({ length: 60 }, async (_, worker) => {
      while (ports.size < 300 && performance.now() < endMs) await invoke(`id-${worker}`)
    }),
  )
  expect(recording.failedAttempts).toBe(0)
  expect(ports.size).toBeGreaterThanOrEqual(300)
}, 20_000)

it('pool_ttl 0 keeps connections', async () => {
  const server = await serving((response) => reply(response))
  const { invoke } = transportTo(server.url, { poolTtlMs: 0 })
  await invoke('a')
  await pause(100)
  await invoke('b')
  expect(portsOf(server).size).toBe(1)
})

it('a server that closes each connection after its answer loses no calls', async () => {
  const server = await serving((response) => {
    response.setHeader('connection', 'close')
    reply(response)
  })
  const { invoke, recording } = transportTo(server.url)
  await Promise.all(Array.from({ length: 300 }, (_, index) => invoke(`id-${index}`)))
  expect(recording.failedAttempts).toBe(0)
})

it('bytes that are no HTTP are a failed attempt', async () => {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const clock = new VirtualClock()
  const url = `http://127.0.0.1:${port}/`
  const { transport, recording } = transportTo(url, { callMs: 50 }, undefined, 'counter', clock)
  expect(await errorOnceExhausted(transport, recording, clock)).toMatchObject({
    code: 'SF_TRANSPORT_BUDGET_EXHAUSTED',
    cause: { message: expect.stringContaining('HTTP/1.1 protocol') },
  })
})

it('function types of one server share connections, until the last of them is closed', async () => {
  const server = await serving((response) => reply(response))
  const pools = new HttpPools()
  const first = transportTo(server.url, {}, pools, 'one')
  const second = transportTo(server.url, {}, pools, 'two')
  const apart = transportTo(server.url, { poolSize: 3 }, pools, 'three')
  await first.invoke('a')
  await second.invoke('b')
  expect(portsOf(server).size).toBe(1)
  expect(pools.size).toBe(2)
  await first.transport.close()
  expect(nameOf(await second.invoke('c'))).toBe('ok')
  await second.transport.close()
  await apart.transport.close()
  expect(pools.size).toBe(0)
})

it('closing one transport ends only its own calls on shared connections', async () => {
  const held: ServerResponse[] = []
  const server = await serving((response) => void held.push(response))
  const pools = new HttpPools()
  const first = transportTo(server.url, {}, pools, 'one')
  const second = transportTo(server.url, {}, pools, 'two')
  const ended = expect(first.invoke('a')).rejects.toMatchObject({ code: 'SF_TRANSPORT_CLOSED' })
  const going = second.invoke('b')
  await until(() => held.length === 2)
  await first.transport.close()
  await ended
  for (const response of held) reply(response)
  expect(nameOf(await going)).toBe('ok')
})

it('a closed transport keeps no process alive', async () => {
  const server = await serving(() => {})
  const program = `
    import { createHttpTransport } from ${JSON.stringify(new URL('./http-transport.ts', import.meta.url).href)}
    import { asyncEndpoint, batchFor, Recording } from ${JSON.stringify(new URL('./testing/http-fixture.ts', import.meta.url).href)}
    const recording = new Recording()
    const transport = createHttpTransport({ endpoint: asyncEndpoint(process.argv[1]), functionType: { namespace: 'example', name: 'x' }, observer: recording, logger: recording })
    const call = transport.invoke(batchFor('x')).catch((error) => { process.exitCode = error.code === 'SF_TRANSPORT_CLOSED' ? 7 : 1 })
    setTimeout(() => transport.close(), 100)
  `
  const child = fork('-', [], {
    execArgv: ['--input-type=module', '--eval', program, server.url],
    stdio: 'ignore',
  })
  cleanUps.push(() => child.kill())
  const code = await new Promise((resolve) => child.once('exit', resolve))
  expect(code).toBe(7)
}, 30_000)
