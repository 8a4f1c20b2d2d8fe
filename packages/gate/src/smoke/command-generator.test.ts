import { create, toBinary } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import { CommandGenerator } from './command-generator.ts'
import { type Commands, type SourceCommand, SourceCommandSchema } from './gen/smoke_pb.ts'
import { type CommandInit, commands } from './messages.ts'
import { SmokeModel } from './model.ts'
import { SMOKE_DEFAULTS, type SmokeParameters, WITHOUT_DELAYS } from './parameters.ts'

function trees(seed: number, count: number, changes: Partial<SmokeParameters> = {}): SourceCommand[] {
  const generator = new CommandGenerator(seed, { ...SMOKE_DEFAULTS, ...changes })
  return Array.from({ length: count }, () => generator.next())
}

/** How often each kind of command occurs in the trees, how deep they go, and the tokens sent with. */
function survey(sources: readonly SourceCommand[]) {
  const kinds = new Map<string, number>()
  const tokens: string[] = []
  const targets = new Set<number>()
  let depth = 0
  const visit = (list: Commands | undefined, level: number) => {
    depth = Math.max(depth, level)
    for (const { command } of list?.command ?? []) {
      kinds.set(String(command.case), (kinds.get(String(command.case)) ?? 0) + 1)
      if (command.case === 'send' || command.case === 'sendAfter') {
        targets.add(command.value.target)
        visit(command.value.commands, level + 1)
      }
      if (command.case === 'asyncOperation') visit(command.value.resolvedCommands, level + 1)
      if (command.case === 'sendAfter' && command.value.cancellationToken !== '')
        tokens.push(command.value.cancellationToken)
    }
  }
  for (const source of sources) {
    targets.add(source.target)
    visit(source.commands, 0)
  }
  return { kinds, tokens, targets, depth }
}

describe('random command trees', () => {
  it('are the same for a seed and others for another seed', () => {
    const bytes = (seed: number) => trees(seed, 50).map((tree) => toBinary(SourceCommandSchema, tree))
    expect(bytes(5)).toEqual(bytes(5))
    expect(bytes(5)).not.toEqual(bytes(6))
  })

  it('hold every kind of command, in the proportion of the weights', () => {
    const { kinds, tokens, targets, depth } = survey(trees(1, 5_000))
    const share = (kind: string) => (kinds.get(kind) ?? 0) / (kinds.get('asyncOperation') ?? 0)
    expect(share('sendEgress')).toBeCloseTo(0.3, 1)
    expect(share('send')).toBeGreaterThan(8)
    expect(kinds.get('cancelSendAfter')).toBeGreaterThan(100)
    expect(new Set(tokens).size).toBe(tokens.length)
    expect(targets).toEqual(new Set(Array.from({ length: 128 }, (_, id) => id)))
    expect(depth).toBe(SMOKE_DEFAULTS.commandDepth - 1)
  })

  it('delay nothing where a stream must not depend on time', () => {
    const { kinds } = survey(trees(1, 1_000, WITHOUT_DELAYS))
    expect([...kinds.keys()].sort()).toEqual(['asyncOperation', 'increment', 'send', 'sendEgress'])
  })
})

describe('the model', () => {
  const increment: CommandInit = { case: 'increment', value: {} }
  const later = (cancellationToken: string, ...list: CommandInit[]): CommandInit => ({
    case: 'sendAfter',
    value: { target: 1, commands: commands(...list), cancellationToken },
  })
  const cancel = (cancellationToken: string): CommandInit => ({
    case: 'cancelSendAfter',
    value: { target: 0, cancellationToken },
  })
  const apply = (...list: CommandInit[]) => {
    const model = new SmokeModel({ firstInstance: 0, numberOfFunctionInstances: 2 })
    model.apply(create(SourceCommandSchema, { target: 0, commands: commands(...list) }))
    return { ...model, counts: [...model.counts.values()] }
  }

  it('leaves out what is cancelled where it is sent', () => {
    expect(apply(increment, later('a', increment), cancel('a'))).toMatchObject({
      counts: [1n, 0n],
      cancelled: 1,
      messages: 0,
    })
    expect(apply(later('a', increment), cancel('b')).counts).toEqual([0n, 1n])
    expect(apply(cancel('a'), later('a')).counts).toEqual([0n, 0n])
  })

  it('refuses a count that depends on when a cancellation comes', () => {
    const elsewhere: CommandInit = { case: 'send', value: { target: 0, commands: commands(cancel('a')) } }
    expect(() => apply(later('a', increment), elsewhere)).toThrow(
      expect.objectContaining({ code: 'SF_GATE_SMOKE_AMBIGUOUS' }),
    )
    expect(apply(later('a'), elsewhere).counts).toEqual([0n, 0n])
  })
})
