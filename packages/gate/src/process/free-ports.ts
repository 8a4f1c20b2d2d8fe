import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { StatefunError } from '@statefun/protocol'

/** Below every system's range for outgoing connections (Linux from 32768, macOS and Windows from 49152). */
const LOWEST = 20_000
const HIGHEST = 32_000

/**
 * Ports on 127.0.0.1 where nothing listens now.
 *
 * They lie below the range from which outgoing connections get theirs: a server that restarts on such a port does not find
 * it taken by one of its own waiting clients (on loopback such a client can even connect to itself).
 *
 * @throws StatefunError `SF_GATE_NO_PORT` when no free one is found
 */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>()
  for (let tries = 0; found.size < count; tries += 1) {
    if (tries === 200) {
      throw new StatefunError('SF_GATE_NO_PORT', `no free port on 127.0.0.1 from ${LOWEST} to ${HIGHEST}`, {
        hint: 'see what listens there (ss -ltnp, on macOS lsof -iTCP -sTCP:LISTEN) and end what is not needed',
      })
    }
    const port = randomInt(LOWEST, HIGHEST)
    if (!found.has(port) && (await isFree(port))) found.add(port)
  }
  return [...found]
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
