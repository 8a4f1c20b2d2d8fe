import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  loadModule,
  MemoryTopics,
  memoryConnector,
  playgroundConnector,
  readModuleFile,
  serveTopics,
} from '@statefun/engine'
import { type InvocableFunction, StatefunError } from '@statefun/protocol'
import { fileLogger } from '../file-logger.ts'
import { loadFunctions } from '../load-functions.ts'
import type { Deployment, Part, StartRequest, Topology } from '../topology.ts'
import { EmbeddedApp } from './embedded-app.ts'

/**
 * Values for the placeholders of a module.yaml that has no defaults for them: in-process topics and streams look at none of
 * these. The names are those of topology `process`.
 */
const PLACEHOLDERS = {
  KAFKA_BOOTSTRAP: 'in-process:9092',
  FUNCTIONS_URL: 'http://localhost:8080/statefun',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'in-process',
  AWS_SECRET_ACCESS_KEY: 'in-process',
  KINESIS_ENDPOINT: 'http://localhost:4566',
}

/**
 * The engine, its topics and the functions in one Node process: the one that holds the parts of the run (host-main).
 *
 * Not in the worker of the tests: there every test file would have an engine of its own, what a function prints or breaks would
 * mix with the tests, and nothing would be left to `--keep`. And not in a process apart from the topics: a killed engine must
 * find the records again that were written meanwhile, as with a broker, so it is killed as an object
 * ({@link EmbeddedApp.kill}: no drain, no last checkpoint) while the topics stay.
 */
export const embeddedTopology: Topology = {
  name: 'embedded',
  engines: ['embedded'],

  async preconditions({ engines }) {
    if (engines.every((engine) => engine === 'embedded')) return []
    return [
      new StatefunError('SF_GATE_ENGINE', 'the topology "embedded" has no Flink', {
        hint: 'use --topology process, which needs Java',
      }),
    ]
  },

  start(request, phases) {
    const functions = phases.run('functions', [], async () => await loadFunctions(request.app))
    const engine = phases.run('engine', [functions], async ([loaded], { own }) => {
      const deployment = new EmbeddedDeployment(
        request,
        loaded,
        await mkdtemp(join(tmpdir(), 'statefun-embedded-')),
      )
      own(deployment)
      await deployment.begin()
      return deployment
    })
    return new Map([['embedded', engine.made]])
  },
}

class EmbeddedDeployment implements Deployment, AsyncDisposable {
  readonly facts: Deployment['facts']
  readonly parts: readonly Part[]
  readonly #request: StartRequest
  readonly #functions: readonly InvocableFunction[]
  readonly #folder: string
  readonly #topics = new MemoryTopics()
  readonly #connectors = [memoryConnector(this.#topics), playgroundConnector()]
  #app: EmbeddedApp | undefined

  constructor(request: StartRequest, functions: readonly InvocableFunction[], folder: string) {
    this.#request = request
    this.#functions = functions
    this.#folder = folder
    this.facts = {
      name: 'embedded',
      topology: 'embedded',
      engine: 'embedded',
      engineTitle: 'the embedded engine',
      capabilities: [
        'kinesis',
        'stream-arn',
        'kafka-headers',
        'invalid-record-policy',
        'invalid-record-metrics',
        'worker-fault',
        'second-app',
        'read-state',
      ],
      app: request.app.name,
      kafka: { kind: 'in-process' },
      aws: {
        kinesis: 'in-process',
        region: PLACEHOLDERS.AWS_REGION,
        credentials: {
          accessKeyId: PLACEHOLDERS.AWS_ACCESS_KEY_ID,
          secretAccessKey: PLACEHOLDERS.AWS_SECRET_ACCESS_KEY,
        },
      },
    }
    this.parts = [
      {
        name: 'worker',
        title: `embedded engine on Node ${process.versions.node}`,
        logPath: this.#logPath(request.app.name),
        log: () => this.app.log(),
        kill: () => this.app.kill(),
        start: () => this.app.start(),
      },
    ]
  }

  get app(): EmbeddedApp {
    if (this.#app === undefined) throw new StatefunError('SF_GATE_APP', 'the app has not been started')
    return this.#app
  }

  readonly serve: NonNullable<Deployment['serve']> = (request, response) =>
    serveTopics(this.#topics, request, response)

  /** Starts the app under test. */
  async begin(): Promise<void> {
    const { name, module } = this.#request.app
    const definition = await readModuleFile(module, this.#moduleOptions())
    this.#app = this.#create(name, definition)
    await this.#app.start()
  }

  async deploy({ name, module, restartAttempts }: Parameters<NonNullable<Deployment['deploy']>>[0]) {
    const definition = loadModule(module, { file: `module.yaml of ${name}`, ...this.#moduleOptions() })
    const app = this.#create(name, definition, restartAttempts)
    await app.start()
    return app
  }

  #moduleOptions() {
    return {
      functions: this.#functions.map((fn) => fn.typename),
      env: { ...PLACEHOLDERS, ...process.env },
    }
  }

  #create(name: string, module: ReturnType<typeof loadModule>, restartAttempts?: number): EmbeddedApp {
    return new EmbeddedApp({
      name,
      module,
      functions: this.#functions,
      connectors: this.#connectors,
      checkpoint: join(this.#folder, name),
      logPath: this.#logPath(name),
      logger: fileLogger(this.#logPath(name)),
      ...(restartAttempts === undefined ? {} : { restartAttempts }),
    })
  }

  #logPath(app: string): string {
    return join(this.#request.folder, 'logs', `engine-${app}.log`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#app?.[Symbol.asyncDispose]()
    } finally {
      this.#topics.close()
      await rm(this.#folder, { recursive: true, force: true })
    }
  }
}
