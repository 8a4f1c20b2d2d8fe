import { parseDuration, StatefunError } from '@statefun/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { ADMIN_PORT, CONFIG_FILE, type LoadedConfig, loadConfig } from '../load-config.ts'

/** `--config <file>`. */
export function configOption(): Option {
  return new Option('-c, --config <file>', `configuration of the app (default: ${CONFIG_FILE})`)
}

/** `--admin <url>`. */
export function adminOption(): Option {
  return new Option(
    '--admin <url>',
    `admin API of the engine (default: what the configuration names, else http://127.0.0.1:${ADMIN_PORT})`,
  )
}

/** `--kafka <bootstrap>`. */
export function kafkaOption(): Option {
  return new Option('--kafka <bootstrap>', 'a Kafka broker, host:port[,host:port], in place of an engine')
}

/** Parses a whole number within limits. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (text.trim() !== '' && Number.isInteger(number) && number >= least && number <= most) return number
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`)
  }
}

/** Parses a duration, such as `100 ms`, to milliseconds within limits. */
export function duration(least: number, most: number): (text: string) => number {
  return (text) => {
    try {
      const milliseconds = parseDuration(text)
      if (milliseconds >= least && milliseconds <= most) return milliseconds
    } catch {
      // Said below.
    }
    throw new InvalidArgumentError('It is a duration such as "100 ms" or "2 s".')
  }
}

/** The examples at the end of a command's `--help`. */
export function examples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`)
}

/**
 * The configuration a client command may profit from: the one that is named, or the one in this folder if there is one.
 *
 * @throws StatefunError when a named one cannot be loaded
 */
export async function optionalConfig(
  cwd: string,
  path: string | undefined,
): Promise<LoadedConfig | undefined> {
  try {
    return await loadConfig(cwd, path)
  } catch (error) {
    if (path !== undefined) throw error
    return undefined
  }
}

/**
 * Where the admin API is: as named, as configured, or at its default.
 *
 * @throws StatefunError `SF_CLI_ADMIN_URL`
 */
export function adminUrl(named: string | undefined, config: LoadedConfig | undefined): string {
  if (named !== undefined) {
    const url = named.includes('://') ? named : `http://${named.startsWith(':') ? '127.0.0.1' : ''}${named}`
    if (URL.canParse(url)) return url
    throw new StatefunError('SF_CLI_ADMIN_URL', `--admin cannot be "${named}"`, {
      hint: 'write host:port or http://host:port, such as 127.0.0.1:4680',
    })
  }
  const host = config?.admin.host ?? '127.0.0.1'
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${config?.admin.port ?? ADMIN_PORT}`
}
