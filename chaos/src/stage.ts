import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { KafkaBroker, LocalStack, Random } from '@statefun/gate'
import { moduleText } from '../../test/engine/kit/module-text.ts'
import type { Ends } from './ends.ts'
import type { Setting } from './fault.ts'
import { FunctionServer } from './parts/function-server.ts'
import { openSmallDisk, type SmallDisk } from './parts/small-disk.ts'
import { SupervisedEngine } from './parts/supervised-engine.ts'
import { TcpProxy } from './parts/tcp-proxy.ts'

/** The parts that faults are injected into. */
export interface Stage {
  readonly random: Random
  readonly kafka: KafkaBroker
  readonly engine: SupervisedEngine
  /** For whatever a fault starts beyond the parts that are here. */
  readonly ends: Ends
  /** Of this run: logs and checkpoints. */
  readonly folder: string
  /** @throws Error when the fault's setting does not ask for one */
  readonly functions: FunctionServer
  /** @throws Error when the fault's setting does not ask for one */
  readonly disk: SmallDisk
  /**
   * What stands between the engine and its bucket.
   *
   * @throws Error when the fault's setting does not ask for one
   */
  readonly s3: TcpProxy
  /** Says what is done now. */
  note(text: string): void
}

/** What the egress promises. At-least-once is the counter-check: it must be found out. */
export type Delivery = 'exactly-once' | 'at-least-once'

export interface StageOptions {
  readonly app: string
  readonly delivery: Delivery
  readonly kafka: KafkaBroker
  /** Asked only where a setting wants a bucket. */
  readonly localStack: () => Promise<LocalStack>
  /** Topics of the stream and of its results. */
  readonly topic: string
  readonly results: string
  readonly folder: string
  readonly random: Random
  readonly ends: Ends
  readonly note: (text: string) => void
}

const BUCKET = 'chaos'
const EPOCH_MS = 100
/** Small, so that base snapshots are written all the time. */
const COMPACT_AFTER_BYTES = 2 * 1024 * 1024
/** Less than the states of a thousand keys. */
const CACHE_BYTES = 192 * 1024
const DEFAULT_TRANSACTION_TIMEOUT_MS = 60_000

/** Starts the parts that a setting asks for; `ends` stops them. */
export async function openStage(setting: Setting, options: StageOptions): Promise<Stage> {
  const { app, delivery, kafka, topic, results, folder, random, ends, note } = options
  await mkdir(folder, { recursive: true })
  let functions: FunctionServer | undefined
  if (setting.functions === 'http') {
    const server = await FunctionServer.start(folder, results)
    ends.add(() => server.kill())
    functions = server
  }
  let engine: SupervisedEngine | undefined
  let disk: SmallDisk | undefined
  if (setting.storage === 'disk') {
    const opened = await openSmallDisk(join(folder, 'disk'), () => engine?.child.pid)
    ends.add(() => opened.close())
    disk = opened
    note(`the disk that will be full: ${disk.way}`)
  }
  let s3: TcpProxy | undefined
  let bucket: string | undefined
  if (setting.storage === 's3') {
    const localStack = await options.localStack()
    await localStack.createBucket(BUCKET)
    const { hostname: host, port } = new URL(localStack.endpoint)
    const proxy = await TcpProxy.start({ host, port: Number(port) })
    ends.add(() => proxy.close())
    s3 = proxy
    bucket = `s3://${BUCKET}/${app}?endpoint=http://127.0.0.1:${proxy.port}`
  }
  const timeoutMs = setting.transactionTimeoutMs ?? DEFAULT_TRANSACTION_TIMEOUT_MS
  const module = moduleText({
    bootstrap: kafka.bootstrap,
    topics: { [topic]: [setting.hop ? 'hop' : 'tally'] },
    group: app,
    ingress: ['properties: [ { isolation.level: read_committed } ]'],
    egress: [deliverySemantic(delivery, timeoutMs)],
    ...(functions === undefined ? {} : { url: `http://127.0.0.1:${functions.port}/` }),
  })
  const started = await SupervisedEngine.start(
    {
      app,
      module,
      results,
      ...(bucket === undefined ? {} : { bucket }),
      ...(setting.state === 'disk' ? { state: { backend: 'disk', cacheBytes: CACHE_BYTES } } : {}),
      dir: disk?.folder ?? join(folder, 'checkpoints'),
      remote: functions !== undefined,
      intervalMs: EPOCH_MS,
      compactAfterBytes: COMPACT_AFTER_BYTES,
    },
    folder,
  )
  ends.add(() => started.end())
  engine = started
  return {
    random,
    kafka,
    engine,
    ends,
    folder,
    note,
    get functions() {
      return present(functions, 'a function server')
    },
    get s3() {
      return present(s3, 'a bucket')
    },
    get disk() {
      return present(disk, 'a disk')
    },
  }
}

function deliverySemantic(delivery: Delivery, transactionTimeoutMs: number): string {
  const timeout = delivery === 'exactly-once' ? `, transactionTimeout: ${transactionTimeoutMs}ms` : ''
  return `deliverySemantic: { type: ${delivery}${timeout} }`
}

function present<T>(part: T | undefined, what: string): T {
  if (part === undefined) throw new Error(`the setting of this fault does not ask for ${what}`)
  return part
}
