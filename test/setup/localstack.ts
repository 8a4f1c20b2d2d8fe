import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type LocalStack, type LocalStackProgress, startLocalStack } from '@statefun/gate'
import { StatefunError } from '@statefun/protocol'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /**
     * URL that answers with the one LocalStack of this test run as JSON: `{ endpoint, credentials }`, or `{ error }`. It is
     * started when a test first asks; take names of buckets and streams of your own.
     */
    localStackStarter: string
  }
}

/** White space before the answer keeps a connection busy for as long as an installation takes. */
const KEEP_ALIVE_MS = 10_000

/** LocalStack for the `real` project, for those runs that have a test that needs it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<LocalStack> | undefined
  const server = createServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const alive = setInterval(() => response.write(' '), KEEP_ALIVE_MS)
    starting ??= startLocalStack({ onProgress: report })
    try {
      const { endpoint, credentials } = await starting
      response.end(JSON.stringify({ endpoint, credentials }))
    } catch (error) {
      response.end(JSON.stringify({ error: StatefunError.from(error).format() }))
    } finally {
      clearInterval(alive)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  project.provide('localStackStarter', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return async () => {
    server.closeAllConnections()
    server.close()
    await (await starting?.catch(() => undefined))?.stop()
  }
}

function report(progress: LocalStackProgress): void {
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`
  if (progress.phase === 'start' && progress.installMs > 1000) {
    console.log(`LocalStack: installed in ${seconds(progress.installMs)}`)
  } else if (progress.phase === 'ready') {
    console.log(`LocalStack: ready on ${progress.endpoint} after ${seconds(progress.startMs)}`)
  }
}
