import { once } from 'node:events'
import { resolve } from 'node:path'
import {
  absolutePlace,
  type Engine,
  type Logger,
  playgroundConnector,
  type StateOptions,
  startEngine,
} from '@statefun/engine'
import { Command, Option } from 'commander'
import { pino } from 'pino'
import { LONGEST_INTERVAL_MS, type StatefunConfig } from '../config.ts'
import type { Io } from '../io.ts'
import { type LoadedConfig, loadConfig } from '../load-config.ts'
import { LOG_LEVELS, type LogLevel, textLogger } from '../output/text-logger.ts'
import { placeResolvers } from '../places.ts'
import { readModule } from '../read-module.ts'
import { configOption, duration, examples, wholeNumber } from './shared-options.ts'

interface RunOptions {
  readonly config?: string
  readonly module?: string
  readonly checkpointPlace?: string
  readonly checkpointDir?: string
  readonly checkpointInterval?: number
  readonly adminHost?: string
  readonly adminNames?: readonly string[]
  readonly adminPort?: number
  readonly restartAttempts?: number
  readonly drain: number
  readonly logLevel: LogLevel
  readonly log?: 'text' | 'json'
}

/**
 * `statefun run`: the app in production.
 *
 * @param bundled the app, where no file holds its configuration
 */
export function runCommand(io: Io, bundled?: LoadedConfig): Command {
  const command = new Command('run')
    .summary('run the app with its real ingresses and egresses')
    .description(
      'Runs the app with the ingresses and egresses that its module.yaml names.\n' +
        'SIGTERM and SIGINT stop it in order: no more input, work under way is finished, a last checkpoint is written.\n' +
        'After a failure it goes on from the last checkpoint; so does the next start.',
    )
    .addOption(configOption())
    .option('-m, --module <file>', 'module.yaml (default: as configured)')
    .option('--checkpoint-place <place>', 'folder or URL of the checkpoints (default: as configured)')
    .addOption(new Option('--checkpoint-dir <folder>', 'the same').hideHelp())
    .option(
      '--checkpoint-interval <duration>',
      'time from one checkpoint to the next, such as "100 ms"; a number alone is milliseconds',
      duration(1, LONGEST_INTERVAL_MS),
    )
    .option('--admin-host <host>', 'where the admin API listens; it has no access control')
    .option('--admin-port <port>', 'port of the admin API, 0 for any free one', wholeNumber(0, 65_535))
    .option(
      '--admin-names <names>',
      'under which it may be asked besides localhost and addresses, separated by commas; names below them, too',
      (names: string) => names.split(','),
    )
    .option(
      '--restart-attempts <count>',
      'restarts after failures before giving up',
      wholeNumber(0, 2_147_483_647),
    )
    .option(
      '--drain <ms>',
      'how long work under way may take to finish at a stop',
      wholeNumber(0, 3_600_000),
      10_000,
    )
    .addOption(
      new Option('--log-level <level>', 'least level that is logged')
        .choices([...LOG_LEVELS])
        .default('info'),
    )
    .addOption(
      new Option('--log <form>', 'form of the log (default: text on a terminal, else json)').choices([
        'text',
        'json',
      ]),
    )
    .action(async (options: RunOptions) => {
      const config = bundled ?? (await loadConfig(io.cwd, options.config))
      const logger = createLogger(io, options)
      const starting = start(io, config, options, logger)
      const engine = await Promise.race([starting, aborted(io.signal)])
      if (engine === undefined) {
        starting.catch(() => undefined)
        logger.info({}, 'stopped before it was running')
        return
      }
      logger.info({ app: config.config.app, admin: engine.url }, 'running')
      const reason = await Promise.race([engine.failed, aborted(io.signal)])
      if (reason !== undefined) {
        await engine.stop()
        throw reason
      }
      logger.info({ drainMs: options.drain }, 'stopping')
      await engine.stop({ drainMs: options.drain })
      logger.info({}, 'stopped')
    })
  return examples(
    command,
    'statefun run',
    'KAFKA_BOOTSTRAP=kafka:9092 statefun run --checkpoint-place /var/lib/my-app --admin-host 0.0.0.0',
    'statefun run --config prod.config.ts --log json --log-level warn',
  )
}

async function start(
  io: Io,
  { config, module, checkpoint, admin, folder }: LoadedConfig,
  options: RunOptions,
  logger: Logger,
): Promise<Engine> {
  // Loaded here so that the other commands start without it.
  const [{ kafkaConnector }, { kinesisConnector }] = await Promise.all([
    import('@statefun/kafka'),
    import('@statefun/kinesis'),
  ])
  const place = options.checkpointPlace ?? options.checkpointDir
  const attempts = options.restartAttempts ?? config.restart?.attempts
  return await startEngine({
    app: config.app,
    module: await readModule(
      io.stderr,
      options.module === undefined ? module : resolve(io.cwd, options.module),
      config.functions,
    ),
    functions: config.functions ?? [],
    connectors: [kafkaConnector(), kinesisConnector(), playgroundConnector(config.playground ?? {})],
    checkpoint: {
      ...checkpoint,
      ...(place === undefined ? {} : { place: absolutePlace(place, io.cwd) }),
      ...(options.checkpointInterval === undefined ? {} : { interval: options.checkpointInterval }),
      resolvers: placeResolvers(logger),
    },
    state: stateOptions(config, folder),
    restart: { ...config.restart, ...(attempts === undefined ? {} : { attempts }) },
    limits: config.limits ?? {},
    admin: {
      host: options.adminHost ?? admin.host,
      port: options.adminPort ?? admin.port,
      names: options.adminNames ?? admin.names,
    },
    logger,
  })
}

function createLogger(io: Io, options: RunOptions): Logger {
  const form = options.log ?? (io.stdout.isTTY === true ? 'text' : 'json')
  if (form === 'text') return textLogger(io.stdout, options.logLevel)
  return pino(
    { level: options.logLevel, base: null },
    { write: (line: string) => void io.stdout.write(line) },
  )
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort')
}

function stateOptions({ state = {} }: StatefunConfig, folder: string): StateOptions {
  return state.dir === undefined ? state : { ...state, dir: resolve(folder, state.dir) }
}
