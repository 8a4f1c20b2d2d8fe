import { type ChildProcess, fork } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StatefunError } from '@statefun/protocol'
import { errorFromJson } from '../../control/error-json.ts'
import { logTail } from '../../process/log-tail.ts'
import type { DeploymentAccess } from '../../topology/deployment-access.ts'
import type { EngineName, StartRequest, TopologyName } from '../../topology/topology.ts'
import type { RunEvents } from '../run-events.ts'
import type { FromHost, ToHost } from './messages.ts'
import type { KeptStage, Stage } from './stage.ts'

/** Longest time that everything may take to end before it is killed, in milliseconds. */
const STOP_MS = 120_000

/** The log of the process that holds the parts, below the folder of a run: what functions print is there. */
export function hostLog(folder: string): string {
  return join(folder, 'logs', 'host.log')
}

/** A stage whose parts another process of ours holds, see host-main. */
export class ChildStage implements Stage {
  readonly deployments: ReadonlyMap<EngineName, Promise<DeploymentAccess>>
  readonly lost: Promise<void>
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  readonly #kept = Promise.withResolvers<KeptStage>()
  #state: 'running' | 'kept' | 'stopping' = 'running'

  constructor(topology: TopologyName, request: StartRequest, events: RunEvents) {
    const waiting = new Map(
      request.engines.map((engine) => [engine, Promise.withResolvers<DeploymentAccess>()]),
    )
    this.deployments = new Map([...waiting].map(([engine, { promise }]) => [engine, promise]))
    for (const { promise } of waiting.values()) promise.catch(() => undefined)
    this.#kept.promise.catch(() => undefined)
    mkdirSync(join(request.folder, 'logs'), { recursive: true })
    const logPath = hostLog(request.folder)
    const log = openSync(logPath, 'a')
    // Its own session: Ctrl-C reaches this process alone, which then ends it in order.
    this.#child = fork(fileURLToPath(import.meta.resolve('@statefun/gate/run/host')), {
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      execArgv: [],
      // Compiled code is kept between runs where this process does so.
      env: { ...process.env, NODE_COMPILE_CACHE: getCompileCacheDir() ?? process.env.NODE_COMPILE_CACHE },
    })
    closeSync(log)
    this.#child.on('message', (message: FromHost) => {
      switch (message.type) {
        case 'event':
          events.forward(message.event)
          break
        case 'deployment':
          waiting.get(message.engine)?.resolve(message.access)
          break
        case 'failed':
          waiting.get(message.engine)?.reject(errorFromJson(message.error))
          break
        case 'kept':
          this.#kept.resolve(message.kept)
      }
    })
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', () => resolve())
      this.#child.once('error', () => resolve())
    })
    this.lost = this.#exited.then(() => {
      const error = new StatefunError('SF_GATE_STAGE_LOST', 'the process that holds the parts has ended', {
        where: logPath,
        excerpt: logTail(logPath),
      })
      for (const { reject } of waiting.values()) reject(error)
      this.#kept.reject(error)
      if (this.#state !== 'running') return new Promise(() => undefined)
      events.emit({ type: 'error', failure: { message: error.format() } })
      return undefined
    })
    this.#tell({ type: 'start', topology, request })
  }

  async keep(): Promise<KeptStage> {
    this.#tell({ type: 'keep' })
    const kept = await this.#kept.promise
    this.#state = 'kept'
    this.#child.disconnect()
    this.#child.unref()
    return kept
  }

  async stop(): Promise<void> {
    if (this.#state === 'kept') return
    this.#state = 'stopping'
    this.#tell({ type: 'stop' })
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
    await this.#exited
    clearTimeout(timer)
  }

  #tell(message: ToHost): void {
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }
}
