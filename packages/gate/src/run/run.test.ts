import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Topology, TopologyName } from '../topology/topology.ts'
import { type RunOptions, runGate } from './run.ts'
import type { RunEvent } from './run-events.ts'
import { makeRunFolder } from './run-folder.ts'
import type { RunRequest } from './run-request.ts'
import { LocalStage } from './stage/local-stage.ts'
import { type FakeTest, fakeTests } from './testing/fake-tests.ts'
import { FakeTopology } from './testing/fake-topology.ts'

let folder: string
let seen: RunEvent[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statefun-run-test-'))
  seen = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function run(
  topologies: Topology | Partial<Record<TopologyName, Topology>>,
  tests: readonly FakeTest[],
  request: Partial<RunRequest> = {},
  options: RunOptions = {},
) {
  const find = (name: TopologyName) => ('start' in topologies ? topologies : topologies[name])
  return runGate(
    {
      app: {
        name: 'app',
        folder,
        config: join(folder, 'statefun.config.ts'),
        module: join(folder, 'module.yaml'),
      },
      topology: 'process',
      engines: 'auto',
      files: [],
      lastFailed: false,
      keep: false,
      ...request,
    },
    {
      observers: [{ begin: ({ events }) => void events.subscribe((event) => seen.push(event)) }],
      findTopology: async (name) => find(name) ?? Promise.reject(new Error(name)),
      openTests: fakeTests(tests),
      openStage: (topology, start, events) => new LocalStage(topology, start, events),
      ...options,
    },
  )
}

const verdicts = () =>
  seen.flatMap((event) =>
    event.type === 'test-end' ? [`${event.test.engine} ${event.test.test} ${event.verdict}`] : [],
  )

describe('a run', () => {
  test('starts in phases, runs each test on each engine, and ends all in reverse', async () => {
    const topology = new FakeTopology()
    const result = await run(topology, [{ name: 'a' }, { name: 'b' }])
    expect(result).toMatchObject({
      exitCode: 0,
      tally: { passed: 4, failed: 0, notApplicable: 0, skipped: 0 },
    })
    expect(verdicts().sort()).toEqual([
      'embedded a passed',
      'embedded b passed',
      'flink a passed',
      'flink b passed',
    ])
    expect(topology.log[0]).toBe('broker started')
    expect(topology.log.at(-1)).toBe('broker ended')
    expect(seen.at(0)).toMatchObject({
      type: 'run-begin',
      topology: 'process',
      engines: ['embedded', 'flink'],
    })
    expect(seen.at(-1)).toMatchObject({ type: 'run-end', interrupted: false })
    expect(existsSync(result.folder)).toBe(true)
  })

  test('exits with 1 when a test fails; what does not apply is neither', async () => {
    const result = await run(new FakeTopology({ engines: ['embedded'] }), [
      { name: 'good' },
      { name: 'bad', run: async () => 'failed' },
      { name: 'other', run: async () => 'not-applicable' },
    ])
    expect(result).toMatchObject({ exitCode: 1, tally: { passed: 1, failed: 1, notApplicable: 1 } })
  })

  test('goes on with one engine when the other one does not start, and that counts as a failure', async () => {
    const topology = new FakeTopology({
      engine: async (engine) => {
        if (engine === 'flink') throw new StatefunError('SF_GATE_START_FAILED', 'no slots', { hint: 'wait' })
      },
    })
    const result = await run(topology, [{ name: 'a' }])
    expect(result).toMatchObject({ exitCode: 1, tally: { passed: 1, failed: 1 } })
    expect(seen).toContainEqual(
      expect.objectContaining({
        type: 'phase-end',
        phase: 'flink',
        error: expect.stringContaining('no slots'),
      }),
    )
    expect(seen).toContainEqual(
      expect.objectContaining({
        type: 'deployment-failed',
        engine: 'flink',
        error: expect.stringContaining('hint: wait'),
      }),
    )
    expect(topology.log).toContain('flink ended')
  })

  test('begins the tests of an engine while the other one still starts', async () => {
    const tested = Promise.withResolvers<void>()
    const topology = new FakeTopology({
      engine: async (engine) => {
        if (engine === 'flink') await tested.promise
      },
    })
    const first: FakeTest = {
      name: 'a',
      run: async ({ engine }) => {
        if (engine === 'embedded') tested.resolve()
        return 'passed'
      },
    }
    expect((await run(topology, [first])).tally.passed).toBe(2)
  })

  test('says to a topology whether Kinesis is needed', async () => {
    const topology = new FakeTopology()
    await run(
      topology,
      [
        { name: 'a', tags: ['kafka'] },
        { name: 'b', tags: ['kinesis'] },
      ],
      { tags: 'kafka' },
    )
    expect(topology.started?.kinesis).toBe(false)
    await run(topology, [{ name: 'b', tags: ['kinesis'] }])
    expect(topology.started?.kinesis).toBe(true)
  })

  test('that is interrupted ends everything, whatever a test or a phase does', async () => {
    const stop = new AbortController()
    const topology = new FakeTopology({
      engine: async (engine, signal) => {
        if (engine !== 'flink') return
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    })
    const hanging: FakeTest = {
      name: 'hanging',
      run: async (_, cancelled) => {
        stop.abort()
        await cancelled
        return 'failed'
      },
    }
    const result = await run(topology, [hanging], {}, { signal: stop.signal })
    expect(result.exitCode).toBe(130)
    expect(topology.log.filter((line) => line.endsWith('ended')).sort()).toEqual([
      'broker ended',
      'embedded ended',
      'flink ended',
    ])
    expect(seen.at(-1)).toMatchObject({ type: 'run-end', interrupted: true })
  })

  test('lets observers look while the parts are there, and hear the end', async () => {
    const topology = new FakeTopology({ engines: ['embedded'] })
    const said: string[] = []
    const observer = {
      deployed: ({ name }: { name: string }) => void said.push(`deployed ${name}`),
      beforeStop: async () => void said.push(`before stop: ${topology.log.join(', ')}`),
      end: async () => void said.push(topology.log.at(-1) ?? ''),
    }
    await run(topology, [{ name: 'a' }], {}, { observers: [observer] })
    expect(said).toEqual([
      'deployed fake on embedded',
      'before stop: broker started, embedded started',
      'broker ended',
    ])
  })
})

describe('what a run is about', () => {
  test('auto is the topology with real parts where the machine has what it needs', async () => {
    const embedded = new FakeTopology({ name: 'embedded', engines: ['embedded'] })
    const lacking = new FakeTopology({
      preconditions: async () => [new StatefunError('SF_GATE_NO_JAVA', 'no Java', { hint: 'install one' })],
    })
    await run({ process: new FakeTopology(), embedded }, [{ name: 'a' }], { topology: 'auto' })
    expect(embedded.started).toBeUndefined()
    await run({ process: lacking, embedded }, [{ name: 'a' }], { topology: 'auto' })
    expect(embedded.started).toBeDefined()
    expect(seen).toContainEqual(
      expect.objectContaining({ type: 'note', text: expect.stringContaining('SF_GATE_NO_JAVA no Java') }),
    )
    await expect(
      run({ process: lacking, embedded }, [{ name: 'a' }], { topology: 'auto', engines: ['flink'] }),
    ).rejects.toMatchObject({ code: 'SF_GATE_NO_JAVA', hint: 'install one' })
  })

  test('what the machine lacks is all named at once, and nothing is started', async () => {
    const topology = new FakeTopology({
      preconditions: async () => [
        new StatefunError('SF_GATE_NO_JAVA', 'no Java'),
        new StatefunError('SF_GATE_NO_PYTHON', 'no Python'),
      ],
    })
    await expect(run(topology, [{ name: 'a' }])).rejects.toMatchObject({
      code: 'SF_GATE_PRECONDITIONS',
      excerpt: expect.stringMatching(/no Java\n.*no Python/),
    })
    expect(topology.started).toBeUndefined()
    expect(existsSync(join(folder, '.statefun'))).toBe(false)
  })

  test('an engine that a topology lacks is refused', async () => {
    const topology = new FakeTopology({ name: 'embedded', engines: ['embedded'] })
    await expect(
      run(topology, [{ name: 'a' }], { topology: 'embedded', engines: ['flink'] }),
    ).rejects.toMatchObject({ code: 'SF_GATE_ENGINE', hint: 'use --topology process' })
  })

  test('a choice without tests is refused', async () => {
    await expect(
      run(new FakeTopology(), [{ name: 'a', tags: ['kafka'] }], { excludeTags: 'kafka' }),
    ).rejects.toMatchObject({ code: 'SF_GATE_NO_TESTS' })
  })

  test('those that failed last time, until they pass', async () => {
    const topology = new FakeTopology({ engines: ['embedded'] })
    let verdict: 'passed' | 'failed' = 'failed'
    const tests: FakeTest[] = [{ name: 'good' }, { name: 'bad', run: async () => verdict }]
    await expect(run(topology, tests, { lastFailed: true })).rejects.toMatchObject({
      code: 'SF_GATE_NO_TESTS',
      hint: 'run without --last-failed',
    })
    await run(topology, tests)
    seen = []
    await run(topology, tests, { lastFailed: true })
    expect(verdicts()).toEqual(['embedded bad failed'])
    verdict = 'passed'
    await run(topology, tests, { lastFailed: true })
    await expect(run(topology, tests, { lastFailed: true })).rejects.toMatchObject({
      code: 'SF_GATE_NO_TESTS',
    })
  })

  test('runs that begin in the same millisecond have folders of their own', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const folders = [1, 2, 3].map(() => makeRunFolder(folder, undefined, 'embedded'))
      expect(new Set(folders).size).toBe(3)
      expect([...folders].sort()).toEqual(folders)
    } finally {
      vi.useRealTimers()
    }
  })

  test('folders of older runs go, a named one is used as it is', async () => {
    const topology = new FakeTopology({ engines: ['embedded'] })
    for (let count = 0; count < 7; count++) await run(topology, [{ name: 'a' }])
    expect(readdirSync(join(folder, '.statefun', 'e2e', 'runs'))).toHaveLength(5)
    const report = join(folder, 'report')
    expect((await run(topology, [{ name: 'a' }], { report })).folder).toBe(report)
  })
})
