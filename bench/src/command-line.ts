import { parseArgs } from 'node:util'
import { nearestName, StatefunError } from '@statefun/protocol'
import type { BenchOptions } from './bench.ts'

/** What every bench accepts besides its own flags. */
export interface CommonArgs {
  readonly help: boolean
  /** Where the result goes instead of `bench/results/<name>.json`. */
  readonly json: string | undefined
}

/**
 * Reads the flags of one bench.
 *
 * @throws StatefunError `SF_BENCH_UNKNOWN_FLAG` naming the nearest flag, `SF_BENCH_FLAG_VALUE` for a missing or wrong value
 */
export function parseBenchArgs(
  argv: readonly string[],
  options: BenchOptions,
): { readonly common: CommonArgs; readonly args: Readonly<Record<string, number | string | boolean>> } {
  const types: Record<string, { type: 'string' | 'boolean' }> = {
    help: { type: 'boolean' },
    json: { type: 'string' },
  }
  for (const [name, option] of Object.entries(options)) {
    types[name] = { type: typeof option.default === 'boolean' ? 'boolean' : 'string' }
  }
  const { tokens } = parseArgs({
    args: [...argv],
    options: types,
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    tokens: true,
  })
  const args: Record<string, number | string | boolean> = {}
  for (const [name, option] of Object.entries(options)) args[name] = option.default
  let help = false
  let json: string | undefined
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') throw unknownFlag(token.value, types)
    if (token.name === 'help') help = true
    else if (token.name === 'json') json = textOf(token.name, token.value)
    else args[token.name] = readValue(token, options, types)
  }
  return { common: { help, json }, args }
}

function readValue(
  token: { readonly name: string; readonly rawName: string; readonly value?: string | undefined },
  options: BenchOptions,
  types: Readonly<Record<string, unknown>>,
): number | string | boolean {
  const option = options[token.name]
  if (option === undefined) throw unknownFlag(token.rawName, types)
  if (typeof option.default === 'boolean') return !token.rawName.startsWith('--no-')
  const text = textOf(token.name, token.value)
  if (typeof option.default === 'string') return text
  const value = Number(text.replaceAll('_', ''))
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new StatefunError('SF_BENCH_FLAG_VALUE', `--${token.name} needs a number, not "${text}"`)
  }
  return value
}

function textOf(name: string, value: string | undefined): string {
  if (value === undefined || value === '') {
    throw new StatefunError('SF_BENCH_FLAG_VALUE', `--${name} needs a value`)
  }
  return value
}

function unknownFlag(text: string, types: Readonly<Record<string, unknown>>): StatefunError {
  const allowed = Object.keys(types).map((name) => `--${name}`)
  const near = nearestName(text, allowed)
  return new StatefunError('SF_BENCH_UNKNOWN_FLAG', `unknown argument ${text}`, {
    hint: near === undefined ? `allowed: ${allowed.join(' ')}` : `did you mean ${near}?`,
  })
}
