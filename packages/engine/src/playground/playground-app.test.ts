import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { InvocableFunction } from '@statefun/protocol'
import { expect, it } from 'vitest'
import { startEngine } from '../engine/engine.ts'
import { loadModule } from '../module/index.ts'
import { playgroundConnector } from './playground-connector.ts'
import { PLAYGROUND_RECORD_TYPENAME } from './playground-egress.ts'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Answers every message with its id, type and bytes. */
const echo: InvocableFunction = {
  typename: 'example/echo',
  invoke: ({ target, invocations }) => ({
    kind: 'response',
    outgoingMessages: [],
    delayedInvocations: [],
    outgoingEgresses: invocations.map(({ argument }) => {
      const payload = `${target.id} ${argument.typename} ${new TextDecoder().decode(argument.value)}`
      return {
        egressNamespace: 'io.statefun.playground',
        egressType: 'egress',
        argument: {
          typename: PLAYGROUND_RECORD_TYPENAME,
          hasValue: true,
          value: new TextEncoder().encode(JSON.stringify({ topic: 'echoes', payload })),
        },
      }
    }),
    stateMutations: [],
  }),
}

it('carries messages from HTTP to a function and its records back to HTTP', async () => {
  const [input, output] = [await freePort(), await freePort()]
  const module = loadModule(
    `kind: io.statefun.playground.v1/ingress
spec:
  port: ${input}
---
kind: io.statefun.playground.v1/egress
spec:
  port: ${output}
  topics:
    - echoes
`,
    { file: 'module.yaml', functions: ['example/echo'] },
  )
  const dir = mkdtempSync(join(tmpdir(), 'statefun-playground-'))
  const engine = await startEngine({
    app: 'playground',
    module,
    functions: [echo],
    connectors: [playgroundConnector()],
    checkpoint: { dir },
  })
  try {
    const sent = await fetch(`http://127.0.0.1:${input}/example/echo/alice`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.example/text' },
      body: 'hello',
    })
    expect(sent.status).toBe(200)
    let received = await fetch(`http://127.0.0.1:${output}/echoes`)
    for (let tries = 0; received.status === 404 && tries < 200; tries++) {
      await sleep(10)
      received = await fetch(`http://127.0.0.1:${output}/echoes`)
    }
    expect(await received.text()).toBe('alice example/text hello')
  } finally {
    await engine.stop()
    rmSync(dir, { recursive: true, force: true })
  }
})
