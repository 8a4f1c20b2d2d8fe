import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runNpm, toolFile } from '../run-tool.ts'
import { ROOT } from '../workspace.ts'

/** A registry on this machine that has what is published to it, and hands everything else on to npm's. */
export interface LocalRegistry extends AsyncDisposable {
  /** `http://127.0.0.1:<port>/` */
  readonly url: string
  /** An npm configuration file (`--userconfig`) that points at it and may publish. */
  readonly npmrc: string
}

/** Starts Verdaccio on a free port of the loopback, with an empty store. @throws Error when it does not answer in a minute */
export async function startLocalRegistry(): Promise<LocalRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'statefun-registry-'))
  const upstream = (await runNpm(['config', 'get', 'registry'], ROOT)).stdout.trim()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  writeFileSync(join(folder, 'config.yaml'), configuration(folder, upstream))
  const npmrc = join(folder, 'npmrc')
  // A cache of its own: npx keeps what it once installed for a name, of whatever build that version was.
  const settings = [
    `registry=${url}`,
    `//127.0.0.1:${port}/:_authToken=anyone`,
    `cache=${join(folder, 'cache')}`,
    'loglevel=error',
  ]
  writeFileSync(npmrc, `${settings.join('\n')}\n`)
  const server = spawn(
    process.execPath,
    [
      toolFile('verdaccio', 'verdaccio'),
      '--config',
      join(folder, 'config.yaml'),
      '--listen',
      `127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const output: Buffer[] = []
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk: Buffer) => output.push(chunk))
  const stop = async () => {
    await end(server)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await answers(`${url}-/ping`, server)
  } catch (error) {
    await stop()
    throw new Error(`the local registry does not start\n${Buffer.concat(output).toString()}`, {
      cause: error,
    })
  }
  return { url, npmrc, [Symbol.asyncDispose]: stop }
}

/** Only our packages may be published; nothing of them is looked for elsewhere, so no older release can be what is tried. */
function configuration(folder: string, upstream: string): string {
  return `storage: ${join(folder, 'storage')}
uplinks:
  npm:
    url: ${upstream}
packages:
  '@statefun/*':
    access: $all
    publish: $all
  '**':
    access: $all
    proxy: npm
log: { type: stdout, format: pretty, level: warn }
`
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  for (const end = performance.now() + 60_000; performance.now() < end; await sleep(100)) {
    if (server.exitCode !== null) throw new Error(`it ended with code ${server.exitCode}`)
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
    if (response?.ok === true) return
  }
  throw new Error('no answer in a minute')
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  server.kill('SIGTERM')
  await once(server, 'exit')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
