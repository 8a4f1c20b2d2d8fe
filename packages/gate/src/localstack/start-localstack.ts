import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { cacheDir } from '../fetch/cache-dir.ts'
import { acceptsConnections } from '../process/accepts-connections.ts'
import { type Child, startChild } from '../process/child.ts'
import { freePorts } from '../process/free-ports.ts'
import { waitUntilReady } from '../process/wait-until-ready.ts'
import { pythonPackages } from '../python/python-packages.ts'
import { checkPython } from './check-python.ts'
import { kinesisPackages, placeKinesis } from './kinesis-back-end.ts'
import { beginStream, type KinesisPlace, startBackEnd } from './kinesis-call.ts'
import type { LocalStack, LocalStackService, StreamOptions } from './localstack.ts'
import { LOCALSTACK_PACKAGES, LOCALSTACK_VERSION } from './packages.ts'
import { serviceCatalog } from './service-catalog.ts'

/** What {@link startLocalStack} is doing. */
export type LocalStackProgress =
  | { readonly phase: 'install' }
  | { readonly phase: 'start'; readonly installMs: number }
  | { readonly phase: 'ready'; readonly endpoint: string; readonly startMs: number }

/** Options of {@link startLocalStack}; all may be left out. */
export interface StartLocalStackOptions {
  /** Default: S3 and Kinesis. Each is loaded with the start. */
  readonly services?: readonly LocalStackService[]
  /** Default `python3`. */
  readonly python?: string
  /** Default `npm`; used for Kinesis alone. */
  readonly npm?: string
  /** Where packages are kept; default `STATEFUN_CACHE` or the system's place for caches. */
  readonly cacheDir?: string
  /** Where its log goes, to stay after its end; default: its temporary folder. */
  readonly logPath?: string
  readonly logger?: Logger
  readonly onProgress?: (progress: LocalStackProgress) => void
  /** Milliseconds that a start may take; default 120000. */
  readonly startTimeoutMs?: number
}

const START_ATTEMPTS = 3
const REGION = 'us-east-1'
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' }

/**
 * Starts LocalStack 4.1 as a local process, without a container, on 127.0.0.1 with a random port, and returns when it answers.
 * Its packages are installed with pip into the cache on first use (200 MB), the back end of Kinesis with npm (13 MB); data lies in a temporary folder that
 * {@link LocalStack.stop} deletes. The process dies with this one, however that ends.
 *
 * @throws StatefunError `SF_GATE_NO_PYTHON`, `SF_GATE_PYTHON_VERSION`, `SF_GATE_PIP`; for Kinesis `SF_GATE_NO_NPM`,
 * `SF_GATE_NPM`, `SF_GATE_LOCALSTACK`; `SF_GATE_START_FAILED`, `SF_GATE_START_TIMEOUT` (its folder then stays for a
 * look at the log)
 *
 * @example
 * await using aws = await startLocalStack({ services: ['s3'] })
 * await aws.createBucket('checkpoints')
 * const store = s3ObjectStore(`s3://checkpoints/shop?endpoint=${aws.endpoint}`, { credentials: aws.credentials })
 */
export async function startLocalStack(options: StartLocalStackOptions = {}): Promise<LocalStack> {
  const { python = 'python3', services = ['s3', 'kinesis'], onProgress, logger } = options
  await checkPython(python)
  onProgress?.({ phase: 'install' })
  const began = performance.now()
  const cache = options.cacheDir ?? cacheDir()
  const packages = await pythonPackages(LOCALSTACK_PACKAGES, { python, cache })
  const kinesis = services.includes('kinesis')
    ? await kinesisPackages({ cache, ...(options.npm === undefined ? {} : { npm: options.npm }) })
    : undefined
  const installMs = Math.round(performance.now() - began)
  for (let attempt = 1; ; attempt += 1) {
    onProgress?.({ phase: 'start', installMs })
    const [port = 0] = await freePorts(1)
    const folder = await mkdtemp(join(tmpdir(), 'statefun-localstack-'))
    const catalog = serviceCatalog(cache, packages, rootOf(folder))
    try {
      const started = performance.now()
      await catalog.place()
      const child = await startProcess({
        python,
        packages,
        kinesis,
        folder,
        port,
        services,
        logPath: options.logPath ?? join(folder, 'localstack.log'),
      })
      await ready(child, port, services, options.startTimeoutMs ?? 120_000)
      const startMs = Math.round(performance.now() - started)
      await catalog.keep()
      const localStack = new LocalStackProcess(child, folder, port, startMs)
      logger?.info({ endpoint: localStack.endpoint, pid: child.pid, installMs, startMs }, 'LocalStack ready')
      onProgress?.({ phase: 'ready', endpoint: localStack.endpoint, startMs })
      return localStack
    } catch (error) {
      if (attempt === START_ATTEMPTS || !lostItsPort(error)) throw error
      await rm(folder, { recursive: true, force: true })
    }
  }
}

interface ProcessSettings {
  readonly python: string
  readonly packages: string
  /** Folder of the back end of Kinesis, when it is to be started. */
  readonly kinesis: string | undefined
  readonly folder: string
  readonly port: number
  readonly services: readonly LocalStackService[]
  readonly logPath: string
}

async function startProcess(settings: ProcessSettings): Promise<Child> {
  const { python, packages, kinesis, folder, port, services } = settings
  const [root, volume] = [rootOf(folder), join(folder, 'volume')]
  await Promise.all([root, volume].map((path) => mkdir(path, { recursive: true })))
  return await startChild({
    name: 'LocalStack',
    command: python,
    args: ['-m', 'localstack.runtime.main'],
    cwd: folder,
    logPath: settings.logPath,
    removeWithParent: folder,
    env: {
      PYTHONPATH: packages,
      GATEWAY_LISTEN: `127.0.0.1:${port}`,
      LOCALSTACK_HOST: `127.0.0.1:${port}`,
      SERVICES: services.join(','),
      STRICT_SERVICE_LOADING: '1',
      EAGER_SERVICE_LOADING: '1',
      // Without it LocalStack takes a machine that is a container for its own, and writes to /var/lib.
      OVERRIDE_IN_DOCKER: '0',
      FILESYSTEM_ROOT: root,
      LOCALSTACK_VOLUME_DIR: volume,
      DOCKER_HOST: `unix://${join(folder, 'no-docker.sock')}`,
      // Nothing is sent or fetched from elsewhere.
      DISABLE_EVENTS: '1',
      SKIP_SSL_CERT_DOWNLOAD: '1',
      DNS_ADDRESS: '0',
      ACTIVATE_PRO: '0',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...(kinesis === undefined ? {} : await placeKinesis(folder, kinesis)),
    },
  })
}

/** What a LocalStack takes for the whole file system. */
function rootOf(folder: string): string {
  return join(folder, 'root')
}

async function ready(
  child: Child,
  port: number,
  services: readonly LocalStackService[],
  timeoutMs: number,
): Promise<void> {
  const place = placeOf(child, port)
  const isReady = async () => {
    if (!(await acceptsConnections(port))) return false
    const signal = AbortSignal.timeout(5000)
    const response = await fetch(`http://127.0.0.1:${port}/_localstack/health`, { signal })
    const health = (await response.json()) as { services: Record<string, string> }
    if (!services.every((service) => /^(running|available)$/.test(health.services[service] ?? '')))
      return false
    if (services.includes('kinesis')) await startBackEnd(place)
    return true
  }
  try {
    await waitUntilReady(child, isReady, { timeoutMs })
  } catch (error) {
    await child.kill()
    throw error
  }
}

/** Another process took the port between our look and LocalStack's. */
function lostItsPort(error: unknown): boolean {
  return error instanceof StatefunError && /address already in use/i.test(error.excerpt ?? '')
}

function placeOf({ logPath }: Child, port: number): KinesisPlace {
  return { endpoint: `http://127.0.0.1:${port}`, region: REGION, credentials: CREDENTIALS, logPath }
}

class LocalStackProcess implements LocalStack {
  readonly version = LOCALSTACK_VERSION
  readonly region = REGION
  readonly credentials = CREDENTIALS
  readonly endpoint: string
  readonly startMs: number
  readonly #child: Child
  readonly #folder: string

  constructor(child: Child, folder: string, port: number, startMs: number) {
    this.#child = child
    this.#folder = folder
    this.endpoint = `http://127.0.0.1:${port}`
    this.startMs = startMs
  }

  get pid(): number | undefined {
    return this.#child.exit === undefined ? this.#child.pid : undefined
  }

  get logPath(): string {
    return this.#child.logPath
  }

  async createBucket(name: string): Promise<void> {
    // It does not ask who is calling.
    const response = await fetch(`${this.endpoint}/${name}`, {
      method: 'PUT',
      signal: AbortSignal.timeout(30_000),
    })
    if (response.ok || response.status === 409) return
    throw new StatefunError(
      'SF_GATE_LOCALSTACK',
      `the bucket "${name}" could not be made (HTTP ${response.status})`,
      {
        excerpt: await response.text(),
        where: this.logPath,
      },
    )
  }

  async createStream(name: string, options: StreamOptions = {}): Promise<void> {
    await (await this.beginStream(name, options)).settled
  }

  beginStream(
    name: string,
    { shards = 1, region = this.region }: StreamOptions = {},
  ): Promise<{ readonly settled: Promise<void> }> {
    const { endpoint, credentials, logPath } = this
    return beginStream({ endpoint, region, credentials, logPath }, name, shards)
  }

  async stop(): Promise<void> {
    // An orderly end takes six seconds and keeps nothing that is not deleted here.
    await this.#child.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }

  pause(): void {
    this.#child.signal('SIGSTOP')
  }

  resume(): void {
    this.#child.signal('SIGCONT')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}
