import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import {
  type Child,
  type ChildOptions,
  fetchArtifacts,
  findJava,
  javaClasses,
  pythonPackages,
  STATEFUN_SDK_JAVA,
  startChild,
  waitUntilReady,
} from '@statefun/gate'

/** The SDKs of others that functions are served with. */
export type ForeignLanguage = 'java' | 'python' | 'node'

/** A program that serves functions: it listens on the port of `FUNCTIONS_PORT`, 0 for any, and prints `listening on <port>`. */
export interface ForeignProgram {
  readonly language: ForeignLanguage
  /** Path of its source. Java's main class has the name of the file, and may use `FunctionServer`; Python may use `function_server`. */
  readonly source: string
  /** What it is told. */
  readonly env: Readonly<Record<string, string>>
}

/** A running function server. */
export interface ForeignServer extends AsyncDisposable {
  readonly language: ForeignLanguage
  /** Where to post requests: `http://127.0.0.1:<port>/`. */
  readonly url: string
  /** The end of its output, where the SDKs report failed invocations. */
  logTail(): string
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts it after a kill, on the same port; returns when it listens. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** What programs of one language share. */
const COMMON = join(import.meta.dirname, 'servers')

/** Apache's Python SDK 3.3.0 with the newest protobuf that it allows, in its form without native code. */
const PYTHON_SDK = [
  {
    requirement: 'apache-flink-statefun==3.3.0',
    sha256: '9b572e23672708b5212f5d139a457a2c112c62ae1d643bd363094d9bd168bc4f',
  },
  {
    requirement: 'protobuf==3.20.3',
    sha256: 'a7ca6d488aa8ff7f329d4c545b2dbad8ac31464f1d8b1c87ad1346717731e4db',
  },
]

const JAVA_FLAGS = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']

type Command = Pick<ChildOptions, 'command' | 'args' | 'env'>

/** How a program is started. */
const COMMANDS: Readonly<Record<ForeignLanguage, (source: string) => Promise<Command>>> = {
  async java(source) {
    const [java, classPath] = await Promise.all([findJava(), fetchArtifacts([STATEFUN_SDK_JAVA])])
    const classes = await javaClasses(java, {
      sources: [join(COMMON, 'FunctionServer.java'), source],
      classPath,
    })
    const main = /([^/\\]+)\.java$/.exec(source)?.[1] ?? ''
    return {
      command: java.command,
      args: [...JAVA_FLAGS, '-cp', [...classPath, classes].join(delimiter), main],
    }
  },
  async python(source) {
    const packages = await pythonPackages(PYTHON_SDK)
    const env = { PYTHONPATH: [packages, COMMON].join(delimiter), PYTHONDONTWRITEBYTECODE: '1' }
    return { command: 'python3', args: [source], env }
  },
  async node(source) {
    return { command: process.execPath, args: [source] }
  },
}

/**
 * Starts a function server of another language's SDK on a port of its own and returns when it listens.
 *
 * @throws StatefunError `SF_GATE_NO_JAVA`, `SF_GATE_JAVAC`, `SF_GATE_NO_PYTHON`, `SF_GATE_PIP`, `SF_GATE_FETCH_FAILED`,
 * `SF_GATE_START_FAILED`, `SF_GATE_START_TIMEOUT`
 */
export async function startForeignServer({ language, source, env }: ForeignProgram): Promise<ForeignServer> {
  const folder = await mkdtemp(join(tmpdir(), 'statefun-foreign-'))
  let starts = 0
  const start = (command: Command, port: string) =>
    startChild({
      name: `${language} function server`,
      ...command,
      env: { ...command.env, ...env, FUNCTIONS_PORT: port },
      logPath: join(folder, `server-${++starts}.log`),
      removeWithParent: folder,
    })
  let child: Child | undefined
  const stop = async () => {
    await child?.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const command = await COMMANDS[language](source)
    let running = await start(command, '0')
    child = running
    const port = await listeningPort(running)
    return {
      language,
      url: `http://127.0.0.1:${port}/`,
      logTail: () => running.logTail(),
      async kill() {
        await running.kill()
      },
      async restart() {
        running = await start(command, port)
        child = running
        await listeningPort(running)
      },
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Each server prints the port that the system gave it once it accepts connections. */
async function listeningPort(child: Child): Promise<string> {
  let port: string | undefined
  await waitUntilReady(
    child,
    async () => {
      port = /^listening on (\d+)$/m.exec(child.logTail())?.[1]
      return port !== undefined
    },
    { timeoutMs: 60_000 },
  )
  return port ?? ''
}
