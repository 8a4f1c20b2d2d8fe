import { type CheckpointListing, type CheckpointPlace, verifyCheckpoint } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { Command } from 'commander'
import { ExitCode } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { Progress, readableBytes } from '../output/progress.ts'
import { moment, writeTable } from '../output/table.ts'
import { missingCheckpoint, placeOrConfigured } from '../places.ts'
import { exportCommand } from './checkpoint-export.ts'
import { inspectCommand } from './checkpoint-inspect.ts'
import { configOption, examples } from './shared-options.ts'

interface CheckpointOptions {
  readonly json?: boolean
  readonly config?: string
}

/** `statefun checkpoint`: looks into checkpoints, with or without an engine that works with them. */
export function checkpointCommand(io: Io): Command {
  const command = new Command('checkpoint')
    .summary('look into checkpoints')
    .description(
      'Looks into checkpoints and savepoints, without changing them; an engine may work with them meanwhile.',
    )
    .addCommand(listCommand(io))
    .addCommand(inspectCommand(io))
    .addCommand(verifyCommand(io))
    .addCommand(exportCommand(io))
  return examples(command, 'statefun checkpoint list', 'statefun checkpoint verify /var/lib/my-app')
}

function listCommand(io: Io): Command {
  const command = new Command('list')
    .summary('list the snapshots and epochs that are there')
    .description('Lists the snapshots and the parts of the change log, with the epochs in them.')
    .argument('[place]', 'folder or URL of the checkpoint (default: as configured)')
    .option('--json', 'one object')
    .addOption(configOption())
    .action(async (named: string | undefined, options: CheckpointOptions) => {
      const place = await placeOrConfigured(io, named, options.config)
      try {
        const listing = await listed(place)
        if (options.json) io.stdout.write(`${JSON.stringify(listing)}\n`)
        else showListing(io, listing)
      } finally {
        await place.close()
      }
    })
  return examples(command, 'statefun checkpoint list', 'statefun checkpoint list /backup/my-app --json')
}

function verifyCommand(io: Io): Command {
  const command = new Command('verify')
    .summary('read all of a checkpoint and say what is damaged')
    .description(
      'Reads everything that a start could need: each snapshot with the epochs since. Checksums are compared, everything is\n' +
        'decoded, and the epochs have to follow each other. Exit code 1 when something is damaged.',
    )
    .argument('[place]', 'folder or URL of the checkpoint (default: as configured)')
    .option('--json', 'one object per snapshot and line')
    .addOption(configOption())
    .action(async (named: string | undefined, options: CheckpointOptions) => {
      const place = await placeOrConfigured(io, named, options.config)
      const progress = new Progress(io.stderr, 'read')
      let damaged = false
      try {
        const reader = place.reader()
        for await (const result of verifyCheckpoint(reader, await listed(place), (bytes) => {
          io.signal.throwIfAborted()
          progress.update(bytes)
        })) {
          const { snapshot, epochs, lastEpoch, bytes, damage } = result
          progress.end()
          const error = damage === undefined ? undefined : StatefunError.from(damage)
          damaged ||= error !== undefined
          if (options.json) {
            const json = {
              snapshot,
              epochs,
              lastEpoch,
              bytes,
              ...(error === undefined ? {} : { error: error.toJSON() }),
            }
            io.stdout.write(`${JSON.stringify(json)}\n`)
            continue
          }
          const what = snapshot.name ?? 'the beginning'
          if (error === undefined)
            io.stdout.write(
              `ok       ${what} and ${epochs} epochs up to ${lastEpoch}, ${readableBytes(bytes)}\n`,
            )
          else io.stdout.write(`damaged  ${what}: ${error.format()}\n`)
        }
      } finally {
        progress.end()
        await place.close()
      }
      if (damaged) throw new ExitCode(1)
    })
  return examples(command, 'statefun checkpoint verify', 'statefun checkpoint verify /backup/my-app --json')
}

/** @throws StatefunError `SF_CHECKPOINT_MISSING` */
async function listed(place: CheckpointPlace): Promise<CheckpointListing> {
  const listing = await place.reader().list()
  if (listing !== undefined) return listing
  throw missingCheckpoint(place.url)
}

function showListing(
  io: Io,
  { identity, savepoint, snapshots, logs, newestEpoch, newestTime }: CheckpointListing,
) {
  const parent =
    identity.parent === undefined
      ? ''
      : `, restored from epoch ${identity.parent.epoch} of ${identity.parent.lineage}`
  io.stdout.write(
    `${savepoint ? 'savepoint' : 'checkpoint'} of app ${identity.app}, lineage ${identity.lineage}${parent}\n`,
  )
  io.stdout.write(
    newestEpoch === 0 ? 'no epoch yet\n' : `newest epoch ${newestEpoch}, ${moment(newestTime)}\n`,
  )
  io.stdout.write('\n')
  const rows = [
    ...snapshots
      .filter(({ name }) => name !== undefined)
      .map(({ name, firstEpoch, validFrom, bytes, time }) => ({
        at: firstEpoch,
        row: ['snapshot', name!, validFrom, '', moment(time), bytes],
      })),
    ...logs.map(({ name, firstEpoch, lastEpoch, bytes, lastTime }) => ({
      at: firstEpoch,
      row:
        lastEpoch < firstEpoch
          ? ['log', name, '', '', '-', bytes]
          : ['log', name, firstEpoch, lastEpoch, moment(lastTime), bytes],
    })),
  ].sort((a, b) => a.at - b.at)
  writeTable(
    io.stdout,
    ['what', 'name', 'first epoch', 'last epoch', 'time', 'bytes'],
    rows.map(({ row }) => row),
  )
}
