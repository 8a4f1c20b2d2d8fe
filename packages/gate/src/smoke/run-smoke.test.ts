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
import { type SmokeParameters, WITHOUT_DELAYS } from './parameters.ts'
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
  it.each([1, 2, 3, 4, 5, 6])('finds every instance exact, and every record: seed %i', async (seed) => {
    await start()
    const report = await smoke({ seed })
    expect(formatSmokeReport(report).split('\n')).toHaveLength(1)
    expect(report).toMatchObject({ seed, passed: true, timedOut: false })
    expect(report.messages).toBeGreaterThan(500)
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

/** A fault, what the smoke test calls it, and parameters by which nothing else can come of it. */
interface Planted {
  readonly what: string
  readonly code: string
  readonly change: (response: InvocationResponse, calls: number) => InvocationResponse
  readonly parameters?: Partial<SmokeParameters>
  readonly timeoutMs?: number
}

const PLANTED: readonly Planted[] = [
  {
    what: 'a message that is sent twice',
    code: 'SF_GATE_SMOKE_OVER_COUNTED',
    change: (response, calls) =>
      calls % 20 === 0
        ? { ...response, outgoingMessages: response.outgoingMessages.flatMap((one) => [one, one]) }
        : response,
    // A token that is sent twice would stop the engine first.
    parameters: WITHOUT_DELAYS,
  },
  {
    what: 'a cancellation that is forgotten',
    code: 'SF_GATE_SMOKE_OVER_COUNTED',
    change: (response) => ({
      ...response,
      delayedInvocations: response.delayedInvocations.filter(({ kind }) => kind === 'send'),
    }),
  },
  {
    what: 'messages that are lost',
    code: 'SF_GATE_SMOKE_UNFINISHED',
    change: (response, calls) =>
      calls % 20 === 0 ? { ...response, delayedInvocations: [], outgoingMessages: [] } : response,
    timeoutMs: 1_500,
  },
  {
    what: 'a record that is emitted twice',
    code: 'SF_GATE_SMOKE_RECORDS',
    change: (response) => ({
      ...response,
      outgoingEgresses: response.outgoingEgresses.flatMap((one) =>
        one.egressType === 'discard-sink' ? [one, one] : [one],
      ),
    }),
  },
]

describe('what the smoke test finds out', () => {
  it.each(PLANTED)('$what', async ({ code, change, parameters, timeoutMs = 15_000 }) => {
    await start(faulty(change))
    const report = await smoke({ seed: 3, timeoutMs, parameters: { ...SMALL, ...parameters } })
    expect(() => checkSmoke(report)).toThrow(
      expect.objectContaining({
        code,
        where: 'seed 3',
        excerpt: expect.stringMatching(/^instance \d+ [\w-]+: expected \d+, actual \w+; records: /),
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
