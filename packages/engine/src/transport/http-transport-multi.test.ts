import { afterEach, describe, expect, it } from 'vitest'
import type { EndpointDefinition } from '../module/model.ts'
import { HttpPools } from './http-pools.ts'
import { createHttpTransport } from './http-transport.ts'
import {
  type Answer,
  asyncEndpoint,
  batchFor,
  nameOf,
  okHttpEndpoint,
  Recording,
  reply,
  replyStatus,
  type SeenRequest,
  startServer,
  type TestServer,
  until,
} from './testing/http-fixture.ts'
import {
  beginAnswers,
  frameOf,
  idsIn,
  isMultiCall,
  replyAll,
  replyOffering,
} from './testing/multi-call-server.ts'
import { VirtualClock } from './testing/virtual-clock.ts'
import type { TransportClock } from './transport-clock.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function serving(answer: Answer): Promise<TestServer> {
  const server = await startServer(answer)
  cleanUps.push(server.close)
  return server
}

function transportTo(endpoint: EndpointDefinition, clock?: TransportClock, pools?: HttpPools) {
  const recording = new Recording()
  const transport = createHttpTransport({
    endpoint,
    functionType: { namespace: 'example', name: 'counter' },
    observer: recording,
    logger: recording,
    ...(clock === undefined ? {} : { clock }),
    ...(pools === undefined ? {} : { pools }),
  })
  cleanUps.push(() => transport.close())
  const call = async (id: string, bytes?: number) => nameOf(await transport.invoke(batchFor(id, bytes)))
  /** Made in one turn, as the engine makes them; each answer is named after its call's id. */
  const callAll = async (ids: readonly string[]) => {
    expect(await Promise.all(ids.map((id) => call(id)))).toEqual(ids)
  }
  return { transport, recording, call, callAll }
}

const ids = (count: number, prefix = 'k') => Array.from({ length: count }, (_, index) => `${prefix}${index}`)
const sizes = (requests: readonly SeenRequest[]) => requests.map((request) => idsIn(request).length)

/** A server that offers, and answers requests with several calls its own way; singles go well. */
const offering =
  (answerSeveral: Answer): Answer =>
  (response, request, index) => {
    if (isMultiCall(request)) answerSeveral(response, request, index)
    else replyOffering(response, request)
  }

describe('calls of one turn', () => {
  it('go together once the server has offered it, each answered on its own', async () => {
    const server = await serving(replyAll)
    const { callAll, recording } = transportTo(asyncEndpoint(server.url))
    await callAll(ids(3))
    expect(server.requests.map(isMultiCall)).toEqual([false, false, false])
    await callAll(ids(10))
    expect(sizes(server.requests.slice(3))).toEqual([10])
    expect(recording.attempts).toEqual(Array.from({ length: 13 }, () => false))
  })

  it('that are alone in it go as an ordinary request, byte for byte', async () => {
    const server = await serving(replyAll)
    const { callAll } = transportTo(asyncEndpoint(server.url))
    for (let times = 0; times < 3; times++) await callAll(['same'])
    const [first, ...others] = server.requests
    for (const other of others) {
      expect(other.rawHeaders).toEqual(first?.rawHeaders)
      expect(other.body).toEqual(first?.body)
    }
  })

  it('go one by one to a server that offers nothing or another version', async () => {
    for (const header of [undefined, '2; calls=9; bytes=9', 'yes']) {
      const server = await serving((response, request) => {
        if (header !== undefined) response.setHeader('statefun-multi-call', header)
        replyOnly(response, request, 0)
      })
      const { callAll } = transportTo(asyncEndpoint(server.url))
      await callAll(['first'])
      await callAll(ids(5))
      expect(server.requests.some(isMultiCall)).toBe(false)
    }
  })

  it('go one by one with multiCall: false and over okhttp', async () => {
    const server = await serving(replyAll)
    for (const endpoint of [{ ...asyncEndpoint(server.url), multiCall: false }, okHttpEndpoint(server.url)]) {
      const { callAll } = transportTo(endpoint)
      await callAll(['first'])
      await callAll(ids(5))
    }
    expect(server.requests.some(isMultiCall)).toBe(false)
  })

  it('stay within the number and the bytes that were offered', async () => {
    const limits = { maxCalls: 4, maxBytes: 2000 }
    const server = await serving((response, request) => {
      if (isMultiCall(request)) replyAll(response, request)
      else replyOffering(response, request, limits)
    })
    const { call, callAll } = transportTo(asyncEndpoint(server.url))
    await callAll(['first'])
    await callAll(ids(10))
    expect(sizes(server.requests.slice(1)).sort()).toEqual([2, 4, 4])
    const [before, names] = [server.requests.length, ids(4, 'large')]
    expect(await Promise.all([...names.map((id) => call(id, 600)), call('giant', 1500)])).toEqual([
      ...names,
      'giant',
    ])
    const sent = server.requests.slice(before)
    for (const request of sent)
      if (isMultiCall(request)) expect(request.body.length).toBeLessThanOrEqual(2000)
    expect(sent.some((request) => !isMultiCall(request) && idsIn(request)[0] === 'giant')).toBe(true)
  })

  it('never are more at the server than pool_size', async () => {
    let atOnce = 0
    let most = 0
    const server = await serving((response, request) => {
      const calls = idsIn(request).length
      atOnce += calls
      most = Math.max(most, atOnce)
      setTimeout(() => {
        atOnce -= calls
        replyAll(response, request)
      }, 5)
    })
    const { callAll } = transportTo(asyncEndpoint(server.url, { poolSize: 6 }))
    await callAll(['first'])
    await callAll(ids(40))
    expect(most).toBeLessThanOrEqual(6)
    expect(server.requests.some(isMultiCall)).toBe(true)
  })
})

it('calls of two functions share the places of a server, also those that go together', async () => {
  const hung: (() => void)[] = []
  const server = await serving((response, request) => {
    if (idsIn(request)[0]?.startsWith('hung') !== true) replyAll(response, request)
    else hung.push(() => replyAll(response, request))
  })
  const [endpoint, pools] = [asyncEndpoint(server.url, { poolSize: 6 }), new HttpPools()]
  const [one, other] = [transportTo(endpoint, undefined, pools), transportTo(endpoint, undefined, pools)]
  await one.callAll(['first'])
  await other.callAll(['second'])
  const waiting = one.callAll(ids(5, 'hung'))
  await until(() => hung.length > 0)
  // One place is left: they go through it one after another.
  await other.callAll(ids(4))
  expect(sizes(server.requests.slice(2))).toEqual([5, 1, 1, 1, 1])
  for (const finish of hung) finish()
  await waiting
})

describe('among several calls in one request', () => {
  it('a slow one holds up no other', async () => {
    let finish = () => {}
    const server = await serving(
      offering((response, request) => {
        beginAnswers(response)
        for (let index = 1; index < 4; index++) response.write(frameOf(request, index))
        finish = () => response.end(frameOf(request, 0))
      }),
    )
    const { call, callAll } = transportTo(asyncEndpoint(server.url))
    await callAll(['first'])
    let isSlowDone = false
    const slow = call('slow').then((name) => {
      isSlowDone = true
      return name
    })
    expect(await Promise.all(ids(3).map((id) => call(id)))).toEqual(ids(3))
    expect(isSlowDone).toBe(false)
    // Nothing joins it on its connection.
    await callAll(['alone'])
    finish()
    expect(await slow).toBe('slow')
  })

  it('one that fails is made again alone, the others are not', async () => {
    const server = await serving(
      offering((response, request) => {
        beginAnswers(response)
        for (let index = 0; index < 3; index++)
          response.write(frameOf(request, index, index === 1 ? 500 : 200))
        response.end()
      }),
    )
    const { callAll, recording } = transportTo(asyncEndpoint(server.url))
    await callAll(['first'])
    await callAll(ids(3))
    expect(server.requests.map(idsIn)).toEqual([['first'], ['k0', 'k1', 'k2'], ['k1']])
    expect(recording.failedAttempts).toBe(1)
    expect(recording.warnings[0]).toMatchObject({ fields: { id: 'k1' }, message: /status 500/ })
  })

  it('one whose answer is too large or no answer fails alone', async () => {
    const server = await serving(
      offering((response, request) => {
        beginAnswers(response)
        const tooLarge = Buffer.concat([Buffer.from('000000c8', 'hex'), Buffer.from([0, 1, 0, 0])])
        response.write(Buffer.concat([tooLarge, Buffer.alloc(65_536)]))
        response.write(Buffer.from('000100c800000001ff', 'hex'))
        response.end(frameOf(request, 2))
      }),
    )
    const { callAll, recording } = transportTo(asyncEndpoint(server.url, { payloadMaxBytes: 1000 }))
    await callAll(['first'])
    await callAll(ids(3))
    expect(server.requests.slice(2).map(idsIn).sort()).toEqual([['k0'], ['k1']])
    expect(recording.warnings.map(({ message }) => message).sort()).toEqual([
      'Calling example/counter failed: the answer is larger than 1000 bytes',
      'Calling example/counter failed: the answer is no FromFunction message',
    ])
  })

  it('those without an answer are made again when the server dies, ends early or talks nonsense', async () => {
    const endings: readonly Answer[] = [
      (response) => response.socket?.destroy(),
      (response) => response.end(),
      (response) => response.write(Buffer.from('ffff00c800000000', 'hex')),
      (response, request) => response.write(frameOf(request, 0)),
      (response, request) => response.end(frameOf(request, 1).subarray(0, 9)),
    ]
    for (const ending of endings) {
      const server = await serving(
        offering((response, request, index) => {
          beginAnswers(response)
          response.write(frameOf(request, 0), () => setTimeout(() => ending(response, request, index), 2))
        }),
      )
      const { callAll, recording } = transportTo(asyncEndpoint(server.url))
      await callAll(['first'])
      await callAll(ids(4))
      expect(server.requests.slice(2).flatMap(idsIn).sort()).toEqual(['k1', 'k2', 'k3'])
      expect(recording.failedAttempts).toBe(3)
    }
  })

  it('one that hangs uses up its own budget only, and the request ends once none is waited for', async () => {
    let isAborted = false
    const server = await serving(
      offering((response, request) => {
        beginAnswers(response)
        response.write(frameOf(request, 1))
        response.on('close', () => {
          isAborted = true
        })
      }),
    )
    const clock = new VirtualClock()
    const { call, callAll, recording } = transportTo(asyncEndpoint(server.url, { callMs: 100 }), clock)
    await callAll(['first'])
    const hung = call('hung').catch((error: unknown) => error)
    expect(await call('fine')).toBe('fine')
    clock.advance(100)
    expect(await hung).toMatchObject({ code: 'SF_TRANSPORT_BUDGET_EXHAUSTED' })
    expect(recording.failedAttempts).toBe(1)
    await until(() => isAborted)
    // Its place is free again.
    await callAll(['after'])
  })

  it('all end with the transport', async () => {
    const server = await serving(offering((response) => beginAnswers(response)))
    const { transport, call, callAll } = transportTo(asyncEndpoint(server.url))
    await callAll(['first'])
    const calls = ids(3).map((id) => call(id).catch((error: { code: string }) => error.code))
    await until(() => server.requests.some(isMultiCall))
    const unsent = call('unsent').catch((error: { code: string }) => error.code)
    await transport.close()
    expect(await Promise.all([...calls, unsent])).toEqual(
      Array.from({ length: 4 }, () => 'SF_TRANSPORT_CLOSED'),
    )
  })
})

describe('servers of several versions behind one URL', () => {
  it.each([400, 404, 405, 413, 415])(
    'status %i sends the calls again at once, one by one',
    async (status) => {
      const server = await serving(offering((response) => replyStatus(response, status)))
      const clock = new VirtualClock()
      const { callAll, recording } = transportTo(asyncEndpoint(server.url), clock)
      await callAll(['first'])
      await callAll(ids(4))
      expect(sizes(server.requests)).toEqual([1, 4, 1, 1, 1, 1])
      expect(recording.failedAttempts).toBe(0)
      // Although the others still offer it, nobody is asked for a while.
      await callAll(ids(3))
      expect(server.requests.filter(isMultiCall)).toHaveLength(1)
      clock.advance(1000)
      await callAll(ids(3))
      expect(server.requests.filter(isMultiCall)).toHaveLength(2)
      // The second time it is left alone for longer.
      clock.advance(1000)
      await callAll(ids(3))
      expect(server.requests.filter(isMultiCall)).toHaveLength(2)
    },
  )

  it('an answer of another kind counts as not understood, status 500 also as a failure of each', async () => {
    for (const [answer, failures] of [
      [replyOnly, 0],
      [(response) => replyStatus(response, 500), 4],
    ] as readonly [Answer, number][]) {
      const server = await serving(offering(answer))
      const { callAll, recording } = transportTo(asyncEndpoint(server.url))
      await callAll(['first'])
      await callAll(ids(4))
      await callAll(ids(4))
      expect(server.requests.filter(isMultiCall)).toHaveLength(1)
      expect(recording.failedAttempts).toBe(failures)
    }
  })

  it('status 503 says nothing about what is understood', async () => {
    const server = await serving(
      offering((response, request, index) =>
        index === 1 ? replyStatus(response, 503) : replyAll(response, request),
      ),
    )
    const { callAll, recording } = transportTo(asyncEndpoint(server.url))
    await callAll(['first'])
    await callAll(ids(4))
    expect(recording.failedAttempts).toBe(4)
    await callAll(ids(4))
    expect(server.requests.filter(isMultiCall)).toHaveLength(2)
  })

  it('one that offers nothing any more is believed', async () => {
    const server = await serving((response, request, index) => {
      if (index < 2) replyAll(response, request)
      else replyOnly(response, request, index)
    })
    const { callAll } = transportTo(asyncEndpoint(server.url))
    await callAll(['first'])
    await callAll(ids(4))
    await callAll(['alone'])
    await callAll(ids(4))
    expect(sizes(server.requests)).toEqual([1, 4, 1, 1, 1, 1, 1])
  })

  it('while they change, every call is answered once and none runs twice', async () => {
    let ran: string[] = []
    // Three of four requests meet a server that understands.
    const server = await serving((response, request, index) => {
      const isOld = index % 4 === 3
      if (isOld && isMultiCall(request)) {
        replyStatus(response, 415)
        return
      }
      ran.push(...idsIn(request))
      if (isOld) replyOnly(response, request, index)
      else replyAll(response, request)
    })
    const clock = new VirtualClock()
    const { callAll, recording } = transportTo(asyncEndpoint(server.url), clock)
    for (let round = 0; round < 60; round++) {
      ran = []
      const wanted = ids(1 + (round % 7), `r${round}-`)
      await callAll(wanted)
      expect(ran.sort()).toEqual(wanted)
      clock.advance(700)
    }
    expect(recording.failedAttempts).toBe(0)
    expect(server.requests.filter(isMultiCall).length).toBeGreaterThan(5)
  })
})

/** A good answer of a server that knows of no offer. */
function replyOnly(...[response, request]: Parameters<Answer>): void {
  reply(response, idsIn(request)[0])
}
