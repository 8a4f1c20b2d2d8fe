import { parseTypename } from '@statefun/protocol'
import { Command } from 'commander'
import { AdminClient } from '../admin-client.ts'
import type { Io } from '../io.ts'
import { readable } from '../output/readable.ts'
import { stateLine } from '../output/show-state.ts'
import {
  adminOption,
  adminUrl,
  configOption,
  examples,
  optionalConfig,
  wholeNumber,
} from './shared-options.ts'

interface StateOptions {
  readonly json?: boolean
  readonly limit: number
  readonly config?: string
  readonly admin?: string
}

interface StateJson {
  readonly typename: string
  readonly id: string
  readonly states: readonly {
    readonly name: string
    readonly typename: string
    /** Base64. */
    readonly value: string
    /** Milliseconds since the epoch. */
    readonly expiresAt?: number
  }[]
}

/** `statefun state`: looks at what functions remember. */
export function stateCommand(io: Io): Command {
  const command = new Command('state')
    .summary('look at the state of functions')
    .description('Looks at the state of functions of a running engine.')
    .addCommand(getCommand(io))
    .addCommand(idsCommand(io))
  return examples(command, 'statefun state get counter.kafka/fn alice', 'statefun state ids counter.kafka/fn')
}

function getCommand(io: Io): Command {
  const command = new Command('get')
    .summary('print the state of one function instance')
    .description(
      'Prints the state of one function instance; values of other than built-in types as text or bytes.',
    )
    .argument('<typename>', 'function type, such as counter.kafka/fn')
    .argument('<id>')
    .option('--json', 'the answer of the admin API: values in base64')
    .addOption(adminOption())
    .addOption(configOption())
    .action(async (typename: string, id: string, options: StateOptions) => {
      const state = await ask<StateJson>(io, options, [typename, id], '')
      if (options.json) io.stdout.write(`${JSON.stringify(state)}\n`)
      else if (state.states.length === 0) io.stdout.write(`${typename} has no state for "${id}"\n`)
      else for (const entry of state.states) io.stdout.write(`${formatEntry(io, entry)}\n`)
    })
  return examples(
    command,
    'statefun state get counter.kafka/fn alice',
    'statefun state get counter.kafka/fn alice --json',
  )
}

function idsCommand(io: Io): Command {
  const command = new Command('ids')
    .summary('list the ids of a function')
    .description('Lists ids that a function was called for.')
    .argument('<typename>', 'function type, such as counter.kafka/fn')
    .option('-n, --limit <count>', 'at most so many', wholeNumber(1, 1000), 100)
    .option('--json', 'a JSON array')
    .addOption(adminOption())
    .addOption(configOption())
    .action(async (typename: string, options: StateOptions) => {
      const { ids } = await ask<{ readonly ids: readonly string[] }>(
        io,
        options,
        [typename],
        `?limit=${options.limit}`,
      )
      io.stdout.write(
        options.json ? `${JSON.stringify(ids)}\n` : ids.map((id) => `${readable(id)}\n`).join(''),
      )
    })
  return examples(
    command,
    'statefun state ids counter.kafka/fn',
    'statefun state ids counter.kafka/fn --limit 10 --json',
  )
}

async function ask<T>(
  io: Io,
  options: StateOptions,
  [typename, ...rest]: readonly [string, ...string[]],
  query: string,
): Promise<T> {
  const { namespace, name } = parseTypename(typename)
  const config = await optionalConfig(io.cwd, options.config)
  const client = new AdminClient(adminUrl(options.admin, config), io.signal)
  const path = [namespace, name, ...rest].map(encodeURIComponent).join('/')
  return (await (await client.get(`/state/${path}${query}`)).json()) as T
}

function formatEntry(io: Io, entry: StateJson['states'][number]): string {
  const value = new Uint8Array(Buffer.from(entry.value, 'base64'))
  const about = entry.expiresAt === undefined ? '' : `, expires ${new Date(entry.expiresAt).toISOString()}`
  return stateLine(io.stdout, { name: entry.name, typename: entry.typename, value, about })
}
