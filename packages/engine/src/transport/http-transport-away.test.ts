import { afterEach, expect, it } from 'vitest'
import { createHttpTransport } from './http-transport.ts'
import { asyncEndpoint, batchFor, Recording, reply, startServer, until } from './testing/http-fixture.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

it.each([1, 4])('a server that is away while more calls wait than its %i connections', async (poolSize) => {
  const gone = await startServer(() => undefined)
  await gone.close()
  const recording = new Recording()
  const transport = createHttpTransport({
    endpoint: asyncEndpoint(gone.url, { poolSize }),
    functionType: { namespace: 'example', name: 'counter' },
    observer: recording,
    logger: recording,
  })
  cleanUps.push(() => transport.close())
  const calls = Promise.all(
    Array.from({ length: 20 }, async (_, index) => transport.invoke(batchFor(`${index}`))),
  )
  await until(() => recording.failedAttempts > 40)
  const back = await startServer((response) => reply(response), gone.port)
  cleanUps.push(back.close)
  expect(await calls).toHaveLength(20)
  expect(back.requests).toHaveLength(20)
})
