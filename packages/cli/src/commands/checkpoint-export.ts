import { writeSavepoint } from '@statefun/engine'
import { Command } from 'commander'
import type { Io } from '../io.ts'
import { Progress, readableBytes } from '../output/progress.ts'
import { namedPlace, placeOrConfigured } from '../places.ts'
import { configOption, examples, wholeNumber } from './shared-options.ts'

interface ExportOptions {
  readonly to: string
  readonly epoch?: number
  readonly json?: boolean
  readonly config?: string
}

/** `statefun checkpoint export`: a savepoint of a checkpoint that lies there. */
export function exportCommand(io: Io): Command {
  const command = new Command('export')
    .summary('make a savepoint of a checkpoint')
    .description(
      'Copies a checkpoint up to an epoch into a place of its own, as a savepoint. Of an engine that runs, take one with\n' +
        '"statefun savepoint create": it leaves less output that has to be published again.',
    )
    .argument('[place]', 'folder or URL of the checkpoint (default: as configured)')
    .requiredOption('--to <place>', 'empty folder or URL')
    .option(
      '--epoch <number>',
      'last epoch that is copied (default: the newest)',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--json', 'one object: app, epoch, bytes, to')
    .addOption(configOption())
    .action(async (named: string | undefined, { to, epoch, json, config }: ExportOptions) => {
      const place = await placeOrConfigured(io, named, config)
      const target = namedPlace(io, to)
      const progress = new Progress(io.stderr, 'copied')
      try {
        const copied = await writeSavepoint(place.reader(), target, {
          from: place.url,
          progress: (bytes) => progress.update(bytes),
          signal: io.signal,
          ...(epoch === undefined ? {} : { epoch }),
        })
        progress.end()
        io.stdout.write(
          json
            ? `${JSON.stringify({ ...copied, to: target.url })}\n`
            : `savepoint of app ${copied.app} at epoch ${copied.epoch}, ${readableBytes(copied.bytes)}: ${target.url}\n`,
        )
      } finally {
        progress.end()
        await Promise.all([place.close(), target.close()])
      }
    })
  return examples(
    command,
    'statefun checkpoint export --to /backup/my-app',
    'statefun checkpoint export /var/lib/my-app --epoch 1200 --to /backup/my-app-1200',
  )
}
