import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Engine, loadModule, MemoryTopics, memoryConnector, startEngine } from '@statefun/engine'
import type { FunctionResponse, InvocableFunction, InvocationResponse } from '@statefun/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryChannel } from '../channel/memory-channel.ts'
import { commandInterpreter } from './command-interpreter.ts'
import { smokeModule } from './module-text.ts'
import type { SmokeParameters } from './parameters.ts'
import { runSmoke, type SmokeOptions } from './run-smoke.ts'
import { checkSmoke, formatSmokeReport, smokeSeed } from './smoke-report.ts'

const SMALL: Partial<SmokeParameters> = { numberOfFunctionInstances: 16, messageCount: 120 }

let folder: string
let topics: MemoryTopics
let engine: Engine | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'statefun-smoke-'))
  topics = new MemoryTopics({ partitions: 2 })
})
afterEach(async () => {
  await engine?.kill()
  engine = undefined
  topics.close()
  await rm(folder, { recursive: true })
})

async function start(interpreter: InvocableFunction = commandInterpreter()): Promise<void> {
  const text = smokeModule({ url: 'http://unused/', bootstrap: 'unused:9092', exactlyOnce: false })
  engine = await startEngine({
    app: 'smoke',
    module: loadModule(text, { file: 'module.yaml' }),
    functions: [interpreter],
    connectors: [memoryConnector(topics)],
    checkpoint: { dir: folder, intervalMs: 10 },
    restart: { delayMs: 10 },
  })
}

async function smoke(options: Partial<SmokeOptions> & { readonly seed: number }) {
  await using channel = memoryChannel(topics)
  return await runSmoke({ channel, exactlyOnce: true, parameters: SMALL, ...options })
}

describe('a smoke test on the embedded engine', () => {
  it('finds every instance exact, and every record', async () => {
    await start()
    for (let seed = 1; seed <= 8; seed++) {
      topics = new MemoryTopics({ partitions: 2 })
      await engine?.kill()
      await rm(folder, { recursive: true })
      await start()
      const report = await smoke({ seed })
      expect(formatSmokeReport(report).split('\n')).toHaveLength(1)
      expect(report).toMatchObject({ seed, passed: true, timedOut: false })
      expect(report.messages).toBeGreaterThan(500)
    }
  })

  it('finds counts exact, and no record missing, when the engine is killed on the way', async () => {
    await start()
    const kill = {
      name: 'engine killed',
      inject: async () => {
        await engine?.kill()
        await sleep(20)
        await start()
      },
    }
    const report = await smoke({
      seed: 11,
      exactlyOnce: false,
      faults: [
        { ...kill, at: 0.7 },
        { ...kill, at: 0.3 },
      ],
      askAgainMs: 200,
    })
    checkSmoke(report)
    expect(report.injected).toEqual(['engine killed', 'engine killed'])
  })
})

/** The function with a fault in what it answers. */
function faulty(
  change: (response: InvocationResponse, calls: number) => InvocationResponse,
): InvocableFunction {
  const sound = commandInterpreter()
  let calls = 0
  return {
    typename: sound.typename,
    async invoke(batch): Promise<FunctionResponse> {
      const response = await sound.invoke(batch)
      return response.kind === 'response' ? change(response, calls++) : response
    },
  }
}

describe('what the smoke test finds out', () => {
  it.each([
    [
      'a message that is sent twice',
      'SF_GATE_SMOKE_OVER_COUNTED',
      (response: InvocationResponse, calls: number) =>
        calls % 50 === 0
          ? { ...response, outgoingMessages: response.outgoingMessages.flatMap((one) => [one, one]) }
          : response,
    ],
    [
      'a cancellation that is forgotten',
      'SF_GATE_SMOKE_OVER_COUNTED',
      (response: InvocationResponse) => ({
        ...response,
        delayedInvocations: response.delayedInvocations.filter(({ kind }) => kind === 'send'),
      }),
    ],
    [
      'a delayed message that is lost',
      'SF_GATE_SMOKE_UNFINISHED',
      (response: InvocationResponse, calls: number) =>
        calls % 50 === 0 ? { ...response, delayedInvocations: [], outgoingMessages: [] } : response,
    ],
    [
      'a record that is emitted twice',
      'SF_GATE_SMOKE_RECORDS',
      (response: InvocationResponse) => ({
        ...response,
        outgoingEgresses: response.outgoingEgresses.flatMap((one) =>
          one.egressType === 'discard-sink' ? [one, one] : [one],
        ),
      }),
    ],
  ])('%s', async (_what, code, change) => {
    await start(faulty(change))
    const report = await smoke({ seed: 3, timeoutMs: code.endsWith('UNFINISHED') ? 1_500 : 15_000 })
    expect(() => checkSmoke(report)).toThrow(
      expect.objectContaining({
        code,
        where: 'seed 3',
        excerpt: expect.stringMatching(/^instance \d+ [\w-]+: expected \d+, actual \d+; records: /),
      }),
    )
  })

  it('a failure that cannot be injected', async () => {
    await start()
    const inject = () => Promise.reject(new Error('no such part'))
    await expect(smoke({ seed: 1, faults: [{ name: 'kill', at: 0.5, inject }] })).rejects.toThrow(
      'no such part',
    )
  })
})

it('takes its seed from the environment, or another one each time', () => {
  expect(smokeSeed({ SMOKE_SEED: '42' })).toBe(42)
  expect(smokeSeed({})).toBeGreaterThanOrEqual(0)
  expect(() => smokeSeed({ SMOKE_SEED: 'x' })).toThrow(
    expect.objectContaining({ code: 'SF_GATE_SMOKE_SEED' }),
  )
})
