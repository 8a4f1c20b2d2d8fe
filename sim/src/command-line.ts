import { parseArgs } from 'node:util'
import { nearestName, StatefunError } from '@statefun/protocol'
import { FAULTS, type FaultName } from './faults/faults.ts'

/** What `npm run sim` is asked to do. */
export interface SimArgs {
  readonly help: boolean
  /** One seed to replay with its trace; undefined runs many. */
  readonly seed: number | undefined
  readonly seeds: number
  readonly from: number
  readonly fault: FaultName | undefined
  /** Worker threads; undefined is one for each core. */
  readonly workers: number | undefined
}

export const USAGE = `usage: npm run sim -- [flags]
  --seeds N       run N seeds (1000)
  --from N        the first of them (1)
  --seed N        replay one seed and print its trace
  --fault NAME    plant a fault that the simulator should find
  --workers N     threads (one for each core)
faults:
${Object.entries(FAULTS)
  .map(([name, { summary }]) => `  ${name.padEnd(22)} ${summary}`)
  .join('\n')}`

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  seed: { type: 'string' },
  seeds: { type: 'string' },
  from: { type: 'string' },
  fault: { type: 'string' },
  workers: { type: 'string' },
} as const

/** @throws StatefunError `SF_SIM_USAGE` */
export function parseSimArgs(argv: readonly string[]): SimArgs {
  let values: Partial<Record<keyof typeof OPTIONS, string | boolean>>
  try {
    values = parseArgs({ args: [...argv], options: OPTIONS }).values
  } catch (error) {
    throw usage((error as Error).message)
  }
  const { fault } = values
  if (fault !== undefined && !Object.hasOwn(FAULTS, fault as string)) {
    const near = nearestName(fault as string, Object.keys(FAULTS))
    throw usage(`there is no fault "${fault}"${near === undefined ? '' : `; did you mean ${near}?`}`)
  }
  return {
    help: values.help === true,
    seed: values.seed === undefined ? undefined : wholeNumber('seed', values.seed, 0),
    seeds: wholeNumber('seeds', values.seeds ?? '1000', 1),
    from: wholeNumber('from', values.from ?? '1', 0),
    fault: fault as FaultName | undefined,
    workers: values.workers === undefined ? undefined : wholeNumber('workers', values.workers, 1),
  }
}

function wholeNumber(flag: string, text: string | boolean, least: number): number {
  const value = Number(String(text).replaceAll('_', ''))
  if (!Number.isInteger(value) || value < least || value > 0x7fff_ffff) {
    throw usage(`--${flag} needs a whole number from ${least} on, not "${text}"`)
  }
  return value
}

function usage(message: string): StatefunError {
  return new StatefunError('SF_SIM_USAGE', message, { hint: 'see npm run sim -- --help' })
}
