import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Child,
  type ChildOptions,
  fetchArtifacts,
  findJava,
  pythonPackages,
  STATEFUN_SDK_JAVA,
  startChild,
  waitUntilReady,
} from '@statefun/gate'

/** The SDKs of others that functions are served with. */
export type ForeignLanguage = 'java' | 'python' | 'node'

/** All of them, for `describe.each`. */
export const FOREIGN_LANGUAGES: readonly ForeignLanguage[] = ['java', 'python', 'node']

/** What the functions are told at their start. */
export interface ForeignFunctionsOptions {
  /** Topic that results go to; default `foreign-results`. */
  readonly topic?: string
  /** Milliseconds that the states of `session` live; default 60000. */
  readonly ttlMs?: number
}

/**
 * A running function server. In namespace `foreign.<language>` each serves the same four functions. "Emits" means: a Kafka
 * record to egress `foreign/results`, key = the function's id, value = the text.
 *
 * | function | takes | does |
 * | --- | --- | --- |
 * | `counter` | int n | state `total` (int) += n, sends the new total (int) to the caller if there is one, emits it |
 * | `relay` | int n | from an ingress: sends n to the counter of the same id; from a function: emits `relayed <n>` |
 * | `reminder` | string | `start <ms>`: sends itself `ring` after ms with token `reminder-<id>`; `cancel`: cancels that; `ring`: emits `ring`; anything else fails |
 * | `session` | anything | states `visits` (expires after write) and `calls` (expires after call), both += 1, emits `<visits>/<calls>` |
 */
export interface ForeignFunctions extends AsyncDisposable {
  readonly language: ForeignLanguage
  /** `foreign.<language>` */
  readonly namespace: string
  /** Where to post requests: `http://127.0.0.1:<port>/`. */
  readonly url: string
  /** The end of its output, where the SDKs report failed invocations. */
  logTail(): string
  stop(): Promise<void>
}

const SERVERS = join(import.meta.dirname, 'servers')

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

type Program = Pick<ChildOptions, 'command' | 'args' | 'env'>

const PROGRAMS: Readonly<Record<ForeignLanguage, () => Promise<Program>>> = {
  async java() {
    const [java, [sdk = '']] = await Promise.all([findJava(), fetchArtifacts([STATEFUN_SDK_JAVA])])
    const flags = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']
    return { command: java.command, args: [...flags, '-cp', sdk, join(SERVERS, 'ForeignFunctions.java')] }
  },
  async python() {
    const packages = await pythonPackages(PYTHON_SDK)
    return {
      command: 'python3',
      args: [join(SERVERS, 'foreign_functions.py')],
      env: { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1' },
    }
  },
  async node() {
    return { command: process.execPath, args: [join(SERVERS, 'foreign-functions-node.ts')] }
  },
}

/**
 * Starts a function server of another language's SDK on a port of its own and returns when it listens.
 *
 * @throws StatefunError `SF_GATE_NO_JAVA`, `SF_GATE_NO_PYTHON`, `SF_GATE_PIP`, `SF_GATE_FETCH_FAILED`,
 * `SF_GATE_START_FAILED`, `SF_GATE_START_TIMEOUT`
 *
 * @example
 * await using functions = await startForeignFunctions('java', { topic: 'results' })
 */
export async function startForeignFunctions(
  language: ForeignLanguage,
  { topic = 'foreign-results', ttlMs = 60_000 }: ForeignFunctionsOptions = {},
): Promise<ForeignFunctions> {
  const namespace = `foreign.${language}`
  const program = await PROGRAMS[language]()
  const folder = await mkdtemp(join(tmpdir(), 'statefun-foreign-'))
  const child = await startChild({
    name: `${language} function server`,
    ...program,
    env: {
      ...program.env,
      FOREIGN_NAMESPACE: namespace,
      FOREIGN_RESULTS_TOPIC: topic,
      FOREIGN_TTL_MS: String(ttlMs),
    },
    logPath: join(folder, 'server.log'),
    removeWithParent: folder,
  })
  const stop = async () => {
    await child.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const port = await listeningPort(child)
    return {
      language,
      namespace,
      url: `http://127.0.0.1:${port}/`,
      logTail: () => child.logTail(),
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
