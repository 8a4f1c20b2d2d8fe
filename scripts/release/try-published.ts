import { spawn } from 'node:child_process'
import { mkdtempSync, symlinkSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** With what the packages are tried. */
export interface TryOptions {
  /** Path of the Node to use, for npm and for the programs alike. */
  readonly node: string
  /** npm's configuration with the registry to install from. */
  readonly npmrc: string
}

const FLAGS = ['--ignore-scripts', '--no-audit', '--no-fund']

/**
 * What a newcomer does, in an empty folder: `npx statefun init`, install, test, types, `statefun dev`, a message in and a
 * result out, Ctrl-C.
 *
 * @returns what was done
 * @throws Error with the output of what failed
 */
export async function tryPublished({ node, npmrc }: TryOptions): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'statefun-try-'))
  const bin = join(folder, 'bin')
  await mkdir(bin)
  symlinkSync(node, join(bin, 'node'))
  const { npm_execpath: npm, npm_node_execpath: _own, ...inherited } = process.env
  const environment = {
    ...Object.fromEntries(Object.entries(inherited).filter(([name]) => !/^npm_/i.test(name))),
    PATH: `${bin}${delimiter}${process.env.PATH ?? dirname(node)}`,
    NPM_CONFIG_USERCONFIG: npmrc,
    NO_COLOR: '1',
  }
  const run = (command: readonly string[], cwd: string) => finish(command, cwd, environment)
  const npmCommand = npm === undefined ? ['npm'] : [node, npm]
  const app = join(folder, 'my-app')
  try {
    await run(
      [
        ...npmCommand,
        'exec',
        '--yes',
        ...FLAGS,
        '--package=@statefun/cli',
        '--',
        'statefun',
        'init',
        'my-app',
      ],
      folder,
    )
    await run([...npmCommand, 'install', ...FLAGS], app)
    await run([...npmCommand, 'test'], app)
    await run([...npmCommand, 'run', 'types'], app)
    await useWhileItRuns(app, environment)
    return ['init', 'install', 'test', 'types', 'dev', 'send', 'tail', 'Ctrl-C']
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function useWhileItRuns(app: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const statefun = join(app, 'node_modules', '.bin', 'statefun')
  const dev = spawn(statefun, ['dev'], { cwd: app, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  for (const stream of [dev.stdout, dev.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk))
  const ended = new Promise<number | null>((resolve) => dev.once('exit', resolve))
  const said = () => Buffer.concat(output).toString()
  try {
    const send = [statefun, 'send', 'greetings.in', '--key', 'alice', '--json', '{"name":"Alice"}']
    await again(() => finish(send, app, environment), said)
    await again(async () => {
      const tail = await finish([statefun, 'tail', 'greetings.out', '--no-follow'], app, environment)
      if (!tail.includes('Alice')) throw new Error(`no greeting among the results:\n${tail}`)
    }, said)
    dev.kill('SIGINT')
    const code = await Promise.race([ended, sleep(20_000, 'late' as const)])
    if (code !== 0) throw new Error(`statefun dev ended with ${code} after Ctrl-C\n${said()}`)
  } finally {
    if (dev.exitCode === null) dev.kill('SIGKILL')
  }
}

/** Until it works, for at most half a minute. */
async function again(attempt: () => Promise<unknown>, context: () => string): Promise<void> {
  for (const end = performance.now() + 30_000; ; await sleep(300)) {
    try {
      await attempt()
      return
    } catch (error) {
      if (performance.now() > end) throw new Error(`statefun dev said:\n${context()}`, { cause: error })
    }
  }
}

function finish(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const output: Buffer[] = []
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => output.push(chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      const text = Buffer.concat(output).toString()
      if (code === 0) resolve(text)
      else reject(new Error(`${command.join(' ')} ended with ${code}\n${text}`))
    })
  })
}
