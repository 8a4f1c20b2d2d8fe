import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePorts } from './free-ports.ts'

test('free ports differ, can be listened on and lie below those of outgoing connections', async () => {
  const ports = await freePorts(3)
  expect(new Set(ports).size).toBe(3)
  for (const port of ports) {
    expect(port).toBeLessThan(32_768)
    const server = createServer()
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    server.close()
  }
})
