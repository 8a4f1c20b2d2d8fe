import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ProxyMode, TcpProxy } from './tcp-proxy.ts'

let server: Server
let proxy: TcpProxy
beforeEach(async () => {
  server = createServer((_request, response) => response.end('here'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy = await TcpProxy.start({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
})
afterEach(async () => {
  await proxy.close()
  server.closeAllConnections()
  server.close()
})

const ask = async () => (await fetch(`http://127.0.0.1:${proxy.port}/`)).text()

/** What becomes of a request: its answer, the code of its error, or that it waits. */
async function fate(): Promise<string> {
  const failed = (error: Error) => String((error.cause as { code?: string } | undefined)?.code)
  return Promise.race([ask().catch(failed), sleep(200, 'waits')])
}

describe('a TCP proxy', () => {
  it.each<[ProxyMode, RegExp]>([
    ['pass', /^here$/],
    ['refuse', /^ECONNREFUSED$/],
    ['hang', /^waits$/],
    ['cut', /^(ECONNRESET|UND_ERR_SOCKET)$/],
  ])('%s: a connection that is open and a new one', async (mode, expected) => {
    expect(await ask()).toBe('here')
    await proxy.become(mode)
    // The first one may go over the connection that was open, and notices only then that it is not.
    await fate()
    expect(await fate()).toMatch(expected)
  })

  it.each<ProxyMode>(['refuse', 'hang', 'cut'])('is as it was after %s', async (mode) => {
    const { port } = proxy
    await proxy.become(mode)
    await fate()
    await proxy.become('pass')
    expect(proxy.port).toBe(port)
    await fate()
    expect(await ask()).toBe('here')
  })
})
