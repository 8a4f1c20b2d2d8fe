import { absolutePlace, restoreSavepoint } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { Command } from 'commander'
import { AdminClient } from '../admin-client.ts'
import type { Io } from '../io.ts'
import { readNdjson } from '../ndjson.ts'
import { Progress, readableBytes } from '../output/progress.ts'
import { namedPlace } from '../places.ts'
import {
  adminOption,
  adminUrl,
  configOption,
  examples,
  optionalConfig,
  wholeNumber,
} from './shared-options.ts'

interface CreateOptions {
  readonly json?: boolean
  readonly config?: string
  readonly admin?: string
}

interface RestoreOptions {
  readonly to: string
  readonly app?: string
  readonly epoch?: number
  readonly json?: boolean
  readonly config?: string
}

/** `statefun savepoint`: copies of an app's state, to go back to or to begin another app with. */
export function savepointCommand(io: Io): Command {
  const command = new Command('savepoint')
    .summary('copy the state of an app, and begin from such a copy')
    .description('Takes a savepoint of a running app, and makes one the beginning of a new checkpoint.')
    .addCommand(createCommand(io))
    .addCommand(restoreCommand(io))
  return examples(
    command,
    'statefun savepoint create /backup/my-app',
    'statefun savepoint restore /backup/my-app --to /var/lib/my-app-2',
  )
}

function createCommand(io: Io): Command {
  const command = new Command('create')
    .summary('take a savepoint of a running engine')
    .description(
      'Cuts an epoch, waits until it is durable and its output is published, and copies the state to a place of its own.\n' +
        'The app goes on meanwhile. The engine writes it: a folder is one on its machine.',
    )
    .argument('<to>', 'empty folder or URL')
    .option('--json', 'one object: app, epoch, bytes, to')
    .addOption(adminOption())
    .addOption(configOption())
    .action(async (to: string, options: CreateOptions) => {
      const config = await optionalConfig(io.cwd, options.config)
      const client = new AdminClient(adminUrl(options.admin, config), io.signal)
      const response = await client.post('/savepoint', { to: absolutePlace(to, io.cwd) })
      const progress = new Progress(io.stderr, 'copied')
      let last: SavepointLine = {}
      try {
        for await (const line of readNdjson<SavepointLine>(response.body!)) {
          last = line
          progress.update(last.bytes ?? 0)
        }
      } finally {
        progress.end()
      }
      if (last.code !== undefined) {
        throw new StatefunError(last.code, last.message ?? '', {
          ...(last.where === undefined ? {} : { where: last.where }),
          ...(last.hint === undefined ? {} : { hint: last.hint }),
        })
      }
      if (last.epoch === undefined) {
        throw new StatefunError(
          'SF_SAVEPOINT_INTERRUPTED',
          'the engine ended before the savepoint was whole',
          {
            hint: 'look at its log, empty the place and try again',
          },
        )
      }
      show(io, 'savepoint', last as Required<SavepointLine>, options.json)
    })
  return examples(
    command,
    'statefun savepoint create /backup/my-app',
    'statefun savepoint create file:/backup/my-app --json',
  )
}

function restoreCommand(io: Io): Command {
  const command = new Command('restore')
    .summary('make a savepoint the beginning of a new checkpoint')
    .description(
      'Copies a savepoint into an empty place, from which an engine can start. Output that the app published after the\n' +
        'savepoint was taken is published again when it is made again.',
    )
    .argument('<savepoint>', 'folder or URL of the savepoint')
    .requiredOption('--to <place>', 'empty folder or URL')
    .option('--app <name>', 'for another app than the one it was taken from')
    .option(
      '--epoch <number>',
      'last epoch that is restored (default: the newest)',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--json', 'one object: app, epoch, bytes, to')
    .addOption(configOption())
    .action(async (savepoint: string, { to, app, epoch, json, config }: RestoreOptions) => {
      const from = namedPlace(io, savepoint)
      const target = namedPlace(io, to)
      const progress = new Progress(io.stderr, 'copied')
      try {
        const reader = from.reader()
        const wanted = app ?? (await optionalConfig(io.cwd, config))?.config.app
        const origin = (await reader.list())?.identity.app
        if (app === undefined && wanted !== undefined && origin !== undefined && wanted !== origin) {
          throw new StatefunError(
            'SF_SAVEPOINT_OTHER_APP',
            `the savepoint is of the app "${origin}", this is "${wanted}"`,
            {
              where: from.url,
              hint: `give "--app ${wanted}" to begin that app with it, or "--app ${origin}"`,
            },
          )
        }
        const copied = await restoreSavepoint(reader, target, {
          from: from.url,
          app,
          progress: (bytes) => progress.update(bytes),
          signal: io.signal,
          ...(epoch === undefined ? {} : { epoch }),
        })
        progress.end()
        show(io, 'checkpoint', { ...copied, to: target.url }, json)
      } finally {
        progress.end()
        await Promise.all([from.close(), target.close()])
      }
    })
  return examples(
    command,
    'statefun savepoint restore /backup/my-app --to /var/lib/my-app-2',
    'statefun savepoint restore /backup/my-app --to /var/lib/trial --app trial',
  )
}

/** What the admin API tells of a savepoint, line by line. */
interface SavepointLine {
  readonly app?: string
  readonly epoch?: number
  readonly bytes?: number
  readonly to?: string
  readonly code?: string
  readonly message?: string
  readonly where?: string
  readonly hint?: string
}

function show(
  io: Io,
  what: string,
  { app, epoch, bytes, to }: Pick<Required<SavepointLine>, 'app' | 'epoch' | 'bytes' | 'to'>,
  json: boolean | undefined,
): void {
  io.stdout.write(
    json
      ? `${JSON.stringify({ app, epoch, bytes, to })}\n`
      : `${what} of app ${app} at epoch ${epoch}, ${readableBytes(bytes)}: ${to}\n`,
  )
}
