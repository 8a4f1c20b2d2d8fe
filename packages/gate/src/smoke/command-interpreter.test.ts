import { create } from '@bufbuild/protobuf'
import { createTestKit, testFunction } from '@statefun/sdk/testing'
import { describe, expect, it } from 'vitest'
import { CommandGenerator } from './command-generator.ts'
import { commandInterpreter } from './command-interpreter.ts'
import { SourceCommandSchema } from './gen/smoke_pb.ts'
import { type CommandInit, commands, smokeTopics, VerificationResultType } from './messages.ts'
import { SmokeModel } from './model.ts'
import { SMOKE_DEFAULTS } from './parameters.ts'

const interpreter = commandInterpreter()
const increment: CommandInit = { case: 'increment', value: {} }
const verify = (expected: bigint): CommandInit => ({ case: 'verify', value: { expected } })

describe('the command interpreter', () => {
  it('counts from 0 and reports its count beside the expected one', async () => {
    const test = testFunction(interpreter, { id: '7' })
    const first = await test.invoke(commands(verify(2n)))
    const source = create(SourceCommandSchema, { target: 99, commands: commands(increment, increment) })
    await test.invoke(source)
    const second = await test.invoke(commands(verify(2n)))
    const [a, b] = [...first.egress, ...second.egress]
    expect([a?.topic, a?.key]).toEqual(['smoke.verifications', '7'])
    expect(a?.as(VerificationResultType)).toMatchObject({ id: 7, expected: 2n, actual: 0n })
    expect(b?.as(VerificationResultType)).toMatchObject({ id: 7, expected: 2n, actual: 2n })
  })

  it('sends, now and later, and takes back what is still waiting', async () => {
    const test = testFunction(interpreter, { id: '0' })
    const later = (cancellationToken: string): CommandInit => ({
      case: 'sendAfter',
      value: { target: 0, commands: commands(increment), cancellationToken },
    })
    const cancel: CommandInit = { case: 'cancelSendAfter', value: { target: 0, cancellationToken: 'a' } }
    await test.invoke(commands({ case: 'send', value: { target: 0, commands: commands(increment) } }))
    await test.kit.runUntilIdle()
    expect(test.state.state).toBe(1n)
    await test.invoke(commands(later(''), later('a'), later('b')))
    expect(test.delayed.map(({ delayMs, token }) => [delayMs, token ?? ''])).toEqual([
      [1, ''],
      [1, 'a'],
      [1, 'b'],
    ])
    await test.invoke(commands(cancel))
    await test.advance('1 ms')
    expect(test.state.state).toBe(3n)
  })

  it('carries out what waits for something asynchronous in its place', async () => {
    const test = testFunction(commandInterpreter(smokeTopics('other')), { id: '0' })
    const egress: CommandInit = { case: 'sendEgress', value: {} }
    const asynchronous: CommandInit = {
      case: 'asyncOperation',
      value: { failure: true, resolvedCommands: commands(increment, egress) },
    }
    const effects = await test.invoke(commands(asynchronous, verify(1n)))
    expect(effects.egress.map(({ topic, text }) => [topic, topic?.includes('disc') ? text : ''])).toEqual([
      ['other.discarded', 'discarded-message'],
      ['other.verifications', ''],
    ])
  })

  it('refuses a command of no kind', async () => {
    const test = testFunction(interpreter)
    await expect(test.invoke(commands({ case: undefined }))).rejects.toMatchObject({
      code: 'SF_GATE_SMOKE_COMMAND',
    })
  })
})

/** Runs whole trees in virtual time and compares with the model. */
async function countsOf(seed: number): Promise<unknown[]> {
  const parameters = { ...SMOKE_DEFAULTS, numberOfFunctionInstances: 8, firstInstance: 100 }
  const generator = new CommandGenerator(seed, parameters)
  const model = new SmokeModel(parameters)
  const kit = createTestKit([interpreter])
  const discarded = new Map([...model.discarded.keys()].map((id) => [id, 0]))
  for (let message = 0; message < 8; message++) {
    const source = generator.next()
    model.apply(source)
    for (const effects of [
      await kit.invoke(interpreter, String(source.target), source),
      await kit.runUntilIdle(),
      await kit.advance('1 s'),
    ]) {
      for (const { key } of effects.egress) discarded.set(Number(key), discarded.get(Number(key))! + 1)
    }
  }
  const counts = new Map(
    [...model.counts.keys()].map((id) => [id, kit.state(interpreter, String(id)).state ?? 0n]),
  )
  return [counts, discarded, model.counts, model.discarded]
}

it('comes to what the model says, whatever the seed', async () => {
  for (let seed = 0; seed < 200; seed++) {
    const [counts, discarded, expectedCounts, expectedDiscarded] = await countsOf(seed)
    expect({ seed, counts, discarded }).toEqual({
      seed,
      counts: expectedCounts,
      discarded: expectedDiscarded,
    })
  }
})
