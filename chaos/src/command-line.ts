import { parseArgs } from 'node:util'
import { nearestName, StatefunError } from '@statefun/protocol'
import type { Fault } from './fault.ts'
import { FAULTS, faultNamed } from './faults.ts'
import type { Delivery } from './stage.ts'

/** What a run was asked to do. */
export interface ChaosArgs {
  readonly help: boolean
  readonly faults: readonly Fault[]
  readonly records: number
  readonly keys: number
  /** Records per second. */
  readonly rate: number
  readonly seed: number
  readonly delivery: Delivery
  readonly json: boolean
  /** Whether logs and checkpoints stay although all went well. */
  readonly keep: boolean
}

const OPTIONS = {
  fault: { type: 'string', multiple: true },
  records: { type: 'string' },
  keys: { type: 'string' },
  rate: { type: 'string' },
  seed: { type: 'string' },
  delivery: { type: 'string' },
  json: { type: 'boolean' },
  keep: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** What `--help` prints. */
export function usage(): string {
  return [
    'usage: npm run chaos -- [flags]',
    '',
    '  --fault NAME    only this fault; may be repeated',
    '  --records N     records of each stream (default 200000)',
    '  --keys N        keys that they count for (default 1000)',
    '  --rate N        records per second (default 25000)',
    '  --seed N        repeats the random moments of a run (default: another one each time, printed)',
    '  --delivery X    exactly-once (default), or at-least-once to see it found out',
    '  --json          the result as JSON on standard output',
    '  --keep          keep logs and checkpoints also when all went well',
    '',
    'faults:',
    ...FAULTS.map(({ name, summary }) => `  ${name.padEnd(16)} ${summary}`),
  ].join('\n')
}

/**
 * @param argv without Node and the script
 * @throws StatefunError `SF_CHAOS_UNKNOWN_FLAG`, `SF_CHAOS_FLAG_VALUE`, `SF_CHAOS_UNKNOWN_FAULT`
 */
export function parseChaosArgs(argv: readonly string[], randomSeed: () => number): ChaosArgs {
  const { tokens } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const texts = new Map<string, string>()
  const faults: Fault[] = []
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    const text = token.kind === 'positional' ? token.value : token.rawName
    if (token.kind === 'positional' || !(token.name in OPTIONS)) throw unknownFlag(text)
    const { type } = OPTIONS[token.name as keyof typeof OPTIONS]
    if (type === 'string' && (token.value ?? '') === '') throw wrongValue(`${text} needs a value`)
    if (token.name === 'fault') faults.push(faultNamed(token.value ?? ''))
    else texts.set(token.name, token.value ?? '')
  }
  const number = (name: string, fallback: () => number, lowest: number) => {
    const text = texts.get(name)
    if (text === undefined) return fallback()
    const value = Number(text.replaceAll('_', ''))
    if (!Number.isSafeInteger(value) || value < lowest) {
      throw wrongValue(`--${name} needs a whole number of at least ${lowest}, not "${text}"`)
    }
    return value
  }
  return {
    help: texts.has('help'),
    faults: faults.length === 0 ? FAULTS : faults,
    records: number('records', () => 200_000, 1_000),
    keys: number('keys', () => 1_000, 1),
    rate: number('rate', () => 25_000, 100),
    seed: number('seed', randomSeed, 0),
    delivery: deliveryNamed(texts.get('delivery') ?? 'exactly-once'),
    json: texts.has('json'),
    keep: texts.has('keep'),
  }
}

function deliveryNamed(text: string): Delivery {
  if (text === 'exactly-once' || text === 'at-least-once') return text
  throw wrongValue(`--delivery needs exactly-once or at-least-once, not "${text}"`)
}

function wrongValue(message: string): StatefunError {
  return new StatefunError('SF_CHAOS_FLAG_VALUE', message)
}

function unknownFlag(text: string): StatefunError {
  const allowed = Object.keys(OPTIONS).map((name) => `--${name}`)
  const near = nearestName(text, allowed)
  return new StatefunError('SF_CHAOS_UNKNOWN_FLAG', `unknown argument ${text}`, {
    hint: near === undefined ? `allowed: ${allowed.join(' ')}` : `did you mean ${near}?`,
  })
}
