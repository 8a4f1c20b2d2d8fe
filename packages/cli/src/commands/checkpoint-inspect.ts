import {
  type CheckpointSummary,
  type InstanceSummary,
  type LocatedFrame,
  readInstance,
  summarizeCheckpoint,
} from '@statefun/engine'
import { parseTypename, StatefunError } from '@statefun/protocol'
import { Command } from 'commander'
import type { Io } from '../io.ts'
import { Progress, readableBytes } from '../output/progress.ts'
import { readable } from '../output/readable.ts'
import { stateLine } from '../output/show-state.ts'
import { moment, writeTable } from '../output/table.ts'
import { missingCheckpoint, placeOrConfigured } from '../places.ts'
import { configOption, examples, wholeNumber } from './shared-options.ts'

interface InspectOptions {
  readonly epoch?: number
  readonly function?: string
  readonly id?: string
  readonly json?: boolean
  readonly config?: string
}

/** `statefun checkpoint inspect`: what an epoch holds. */
export function inspectCommand(io: Io): Command {
  const command = new Command('inspect')
    .summary('show what an epoch holds')
    .description(
      'Shows what the newest epoch holds, or another one: positions of the ingresses, functions and their states, messages\n' +
        'that wait, delayed messages, records to be published. With --function and --id, the states of one instance.',
    )
    .argument('[place]', 'folder or URL of the checkpoint (default: as configured)')
    .option('--epoch <number>', 'epoch (default: the newest)', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--function <typename>', 'function type, such as counter.kafka/fn; needs --id')
    .option('--id <id>', 'the instance; needs --function')
    .option('--json', 'one object; values in base64')
    .addOption(configOption())
    .action(async (named: string | undefined, options: InspectOptions) => {
      if ((options.function === undefined) !== (options.id === undefined)) {
        throw new StatefunError('SF_CLI_ARGUMENTS', '--function and --id belong together', {
          hint: 'give both, for one instance, or none',
        })
      }
      const place = await placeOrConfigured(io, named, options.config)
      const progress = new Progress(io.stderr, 'read')
      try {
        const reader = place.reader()
        const frames = abortable(
          reader.frames(options.epoch === undefined ? {} : { epoch: options.epoch }),
          io.signal,
        )
        if (options.function !== undefined) {
          const { namespace, name } = parseTypename(options.function)
          const instance = await readInstance(frames, { namespace, type: name, id: options.id! })
          showInstance(io, options, instance)
          return
        }
        const summary = await summarizeCheckpoint(frames, (bytes) => progress.update(bytes))
        progress.end()
        if (summary.epoch === 0) throw missingCheckpoint(place.url)
        const listing = await reader.list()
        if (options.json) io.stdout.write(`${JSON.stringify({ ...listing?.identity, ...summary })}\n`)
        else {
          const { app, lineage } = listing!.identity
          io.stdout.write(`app ${app}, lineage ${lineage}\n`)
          showSummary(io, summary)
        }
      } finally {
        progress.end()
        await place.close()
      }
    })
  return examples(
    command,
    'statefun checkpoint inspect',
    'statefun checkpoint inspect /var/lib/my-app --epoch 1200 --json',
    'statefun checkpoint inspect --function counter.kafka/fn --id alice',
  )
}

async function* abortable(
  frames: AsyncIterable<LocatedFrame>,
  signal: AbortSignal,
): AsyncGenerator<LocatedFrame> {
  for await (const frame of frames) {
    signal.throwIfAborted()
    yield frame
  }
}

function showInstance(
  io: Io,
  { function: typename, id, json }: InspectOptions,
  instance: InstanceSummary,
): void {
  const { epoch, states, pending, parked, timers } = instance
  if (json) {
    const values = states.map(({ value, ...state }) => ({
      ...state,
      value: Buffer.from(value).toString('base64'),
    }))
    io.stdout.write(`${JSON.stringify({ typename, id, ...instance, states: values })}\n`)
    return
  }
  if (states.length === 0) io.stdout.write(`${typename} has no state for "${id}" in epoch ${epoch}\n`)
  for (const state of states) {
    const about = state.stamp === undefined ? '' : `, time to live since ${moment(state.stamp)}`
    io.stdout.write(`${stateLine(io.stdout, { ...state, about })}\n`)
  }
  if (pending > 0) io.stdout.write(`${pending} messages wait\n`)
  if (parked > 0) io.stdout.write(`${parked} messages are kept after a failure\n`)
  for (const due of timers) io.stdout.write(`a delayed message is due ${moment(due)}\n`)
}

function showSummary(
  io: Io,
  { epoch, time, positions, functions, timers, outboxes }: CheckpointSummary,
): void {
  io.stdout.write(`epoch ${epoch}, ${moment(time)}\n`)
  if (positions.length > 0) {
    io.stdout.write('\n')
    writeTable(
      io.stdout,
      ['ingress', 'partition', 'position'],
      positions.map(({ ingress, partition, position }) => [ingress, partition, readable(position)]),
    )
  }
  if (functions.length > 0) {
    io.stdout.write('\n')
    writeTable(
      io.stdout,
      ['function', 'ids', 'states', 'bytes', 'messages', 'parked ids', 'parked messages'],
      functions.map((each) => [
        each.typename,
        each.instances,
        each.states,
        each.bytes,
        each.pending,
        each.parkedIds,
        each.parked,
      ]),
    )
  }
  const first = timers.earliest === undefined ? '' : `, the first is due ${moment(timers.earliest)}`
  io.stdout.write(`\n${timers.count} delayed messages${first}\n`)
  for (const { egress, published, waiting, waitingBytes } of outboxes) {
    const waits = waiting === 0 ? 'nothing waits' : `${waiting} records wait, ${readableBytes(waitingBytes)}`
    io.stdout.write(`egress ${egress}: published up to epoch ${published}, ${waits}\n`)
  }
}
