import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Engine, type EngineOptions, loadModule, startEngine } from '@statefun/engine'
import { kafkaConnector } from '@statefun/kafka'
import type { InvocableFunction } from '@statefun/protocol'
import { newTopic, RecordedLog } from '../../../packages/kafka/test/kit.ts'
import {
  type EngineChild,
  type EngineProcessSettings,
  startEngineChild,
  startFunctionServer,
} from './engine-child.ts'
import { type ModuleText, moduleText } from './module-text.ts'
import { TopicReader, TopicWriter } from './topics.ts'

/** All that one test uses; `close` ends every engine, process and connection of it. */
export class Room {
  readonly bootstrap: string
  readonly folder: string
  readonly log = new RecordedLog()
  readonly #ends: (() => Promise<unknown>)[] = []

  private constructor(bootstrap: string, folder: string) {
    this.bootstrap = bootstrap
    this.folder = folder
  }

  static async open(bootstrap: string): Promise<Room> {
    return new Room(bootstrap, await mkdtemp(join(tmpdir(), 'statefun-engine-')))
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end()
    await rm(this.folder, { recursive: true, force: true })
  }

  get checkpoints(): string {
    return join(this.folder, 'checkpoints')
  }

  topic(partitions = 1): Promise<string> {
    return newTopic(this.bootstrap, partitions)
  }

  async writer(): Promise<TopicWriter> {
    return this.#keep(await TopicWriter.open(this.bootstrap), (writer) => writer.close())
  }

  async reader(topic: string): Promise<TopicReader> {
    return this.#keep(await TopicReader.open(this.bootstrap, topic), (reader) => reader.close())
  }

  moduleText(over: Omit<ModuleText, 'bootstrap'>): string {
    return moduleText({ bootstrap: this.bootstrap, group: `g-${randomUUID()}`, ...over })
  }

  /** An engine in this process; it logs to {@link log}. */
  async engine(
    module: string,
    functions: readonly InvocableFunction[],
    over: Partial<EngineOptions> = {},
  ): Promise<Engine> {
    const engine = await startEngine({
      app: 'test',
      module: loadModule(module, { file: 'module.yaml' }),
      functions,
      connectors: [kafkaConnector()],
      checkpoint: { dir: this.checkpoints, intervalMs: 20 },
      restart: { delayMs: 20 },
      logger: this.log,
      ...over,
    })
    return this.#keep(engine, (each) => each.kill())
  }

  async engineChild(settings: Omit<EngineProcessSettings, 'dir'>): Promise<EngineChild> {
    const started = await startEngineChild({ dir: this.checkpoints, ...settings })
    return this.#keep(started, ({ child }) => child.kill())
  }

  async functionServer(...args: [results: string, options?: Parameters<typeof startFunctionServer>[2]]) {
    const started = await startFunctionServer(this.folder, ...args)
    return this.#keep(started, ({ child }) => child.kill())
  }

  #keep<T>(part: T, end: (part: T) => Promise<unknown>): T {
    this.#ends.push(() => end(part))
    return part
  }
}
