import { parseTypename } from '@statefun/protocol'
import { Command } from 'commander'
import { AdminClient } from '../admin-client.ts'
import type { Io } from '../io.ts'
import { adminOption, adminUrl, configOption, examples, optionalConfig } from './shared-options.ts'

interface ClientOptions {
  readonly json?: boolean
  readonly config?: string
  readonly admin?: string
}

interface ParkedAddress {
  readonly typename: string
  readonly id: string
  readonly messages: number
}

/** `statefun parked`: which ids wait after their function failed for good. */
export function parkedCommand(io: Io): Command {
  const command = new Command('parked')
    .summary('list the ids whose messages are kept after failures')
    .description(
      'Lists the ids whose messages are kept because their function failed until its retry budget was used up\n' +
        '(failurePolicy: {type: park} of an endpoint).',
    )
    .option('--json', 'a JSON array of {typename, id, messages}')
    .addOption(adminOption())
    .addOption(configOption())
    .action(async (options: ClientOptions) => {
      const response = await (await client(io, options)).get('/parked')
      const { parked } = (await response.json()) as { readonly parked: readonly ParkedAddress[] }
      if (options.json) io.stdout.write(`${JSON.stringify(parked)}\n`)
      else if (parked.length === 0) io.stdout.write('nothing is parked\n')
      else
        for (const { typename, id, messages } of parked)
          io.stdout.write(`${typename}  ${id}  ${messages} messages\n`)
    })
  return examples(command, 'statefun parked', 'statefun parked --json')
}

/** `statefun redrive`: sends kept messages again. */
export function redriveCommand(io: Io): Command {
  const command = new Command('redrive')
    .summary('send the kept messages of a function again')
    .description(
      'Sends the messages that "statefun parked" lists to their function again, all ids of it or one.',
    )
    .argument('<typename>', 'function type')
    .argument('[id]', 'one id only')
    .option('--json', 'a JSON object: redriven')
    .addOption(adminOption())
    .addOption(configOption())
    .action(async (typename: string, id: string | undefined, options: ClientOptions) => {
      const { namespace, name } = parseTypename(typename)
      const path = [namespace, name, ...(id === undefined ? [] : [id])].map(encodeURIComponent).join('/')
      const response = await (await client(io, options)).post(`/redrive/${path}`, {})
      const { redriven } = (await response.json()) as { readonly redriven: number }
      io.stdout.write(options.json ? `${JSON.stringify({ redriven })}\n` : `${redriven} ids redriven\n`)
    })
  return examples(command, 'statefun redrive example/greeter', 'statefun redrive example/greeter alice')
}

async function client(io: Io, options: ClientOptions): Promise<AdminClient> {
  return new AdminClient(adminUrl(options.admin, await optionalConfig(io.cwd, options.config)), io.signal)
}
