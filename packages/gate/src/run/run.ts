import { setTimeout as sleep } from 'node:timers/promises'
import { StatefunError } from '@statefun/protocol'
import { TAGS } from '../topology/capability.ts'
import type { DeploymentAccess } from '../topology/deployment-access.ts'
import { findTopology } from '../topology/find-topology.ts'
import type { EngineName, StartRequest, Topology, TopologyName } from '../topology/topology.ts'
import { chooseTopology } from './choose-topology.ts'
import { KeptStages } from './kept-stages.ts'
import { LastFailed } from './last-failed.ts'
import { type RunEvent, RunEvents } from './run-events.ts'
import { gateFolder, makeRunFolder } from './run-folder.ts'
import type { RunObserver, RunResult } from './run-observer.ts'
import { RUN_EXIT, type RunRequest } from './run-request.ts'
import { ChildStage } from './stage/child-stage.ts'
import type { KeptStage, Stage } from './stage/stage.ts'
import { parseTagExpression } from './tag-expression.ts'
import { tallyOf } from './tally.ts'
import { loadVitest } from './tests/load-vitest.ts'
import { type ChosenTest, type OpenTests, TestRun, type TestSelection } from './tests/test-run.ts'

/** How long tests that run may take to end once the run is over, in milliseconds. */
const CANCEL_MS = 3_000

/** What a run is watched by, and what tests of the run itself replace. */
export interface RunOptions {
  readonly observers?: readonly RunObserver[]
  /** Ends the run before its time: no further test, everything is stopped. */
  readonly signal?: AbortSignal
  readonly findTopology?: (name: TopologyName) => Promise<Topology>
  readonly openTests?: OpenTests
  readonly openStage?: (topology: Topology, start: StartRequest, events: RunEvents) => Stage
}

/**
 * One run of the gate: chooses tests and a topology, starts it in phases, runs the tests on each engine as soon as its
 * deployment is ready, and ends everything.
 *
 * @throws StatefunError when it cannot begin: nothing is left running, and the exit code is that of a wrong usage. What
 *   fails later is in the result.
 */
export async function runGate(request: RunRequest, options: RunOptions = {}): Promise<RunResult> {
  const keeps = gateFolder(request.app.folder)
  const lastFailed = new LastFailed(keeps)
  const selection = selectionOf(request, lastFailed)
  const openTests = options.openTests ?? (await vitestTests(request.app.folder))
  const find = options.findTopology ?? findTopology
  const events = new RunEvents()
  const seen: RunEvent[] = []
  events.subscribe((event) => seen.push(event))

  const chosen = await chosenTests(openTests, selection)
  const kinesis = chosen.some(({ tags }) => tags.includes('kinesis'))
  // A fault of one test must not fall into another one.
  const alone = new Set(chosen.flatMap(({ file, tags }) => (tags.includes('chaos') ? [file] : [])))
  const { topology, engines, reason } = await chooseTopology(request, find, {
    app: request.app,
    kinesis,
    folder: '',
  })
  const folder = makeRunFolder(request.app.folder, request.report, topology.name)
  const start: StartRequest = { app: request.app, engines, kinesis, folder }
  for (const observer of options.observers ?? []) observer.begin?.({ request, events, folder })
  const text = selectionText(request)
  events.emit({
    type: 'run-begin',
    app: request.app.name,
    topology: topology.name,
    engines,
    folder,
    ...(text === '' ? {} : { selection: text }),
  })
  if (reason !== undefined) {
    events.emit({ type: 'note', level: 'info', text: `topology "${topology.name}", because ${reason}` })
  }

  const stage = options.openStage?.(topology, start, events) ?? new ChildStage(topology.name, start, events)
  const interrupted = () => options.signal?.aborted === true
  let kept: KeptStage | undefined
  try {
    await runTests({
      openTests,
      selection: { ...selection, alone },
      topology,
      stage,
      events,
      signal: options.signal,
      observers: options.observers ?? [],
    })
    const ready = interrupted() ? [] : await deploymentsOf(stage, engines)
    if (!interrupted())
      await Promise.all((options.observers ?? []).map((observer) => observer.beforeStop?.(ready)))
    if (request.keep && !interrupted() && ready.length > 0) {
      kept = await stage.keep()
      new KeptStages(keeps).add({ ...kept, folder })
      events.emit({ type: 'kept', pid: kept.pid, url: kept.url })
    }
  } catch (error) {
    events.emit({ type: 'error', failure: { message: StatefunError.from(error).format() } })
  } finally {
    await stage.stop()
  }
  const tally = tallyOf(seen)
  events.emit({ type: 'run-end', tally, interrupted: interrupted() })
  if (!interrupted()) lastFailed.update(seen)
  const exitCode = interrupted() ? RUN_EXIT.interrupted : tally.failed > 0 ? RUN_EXIT.failed : RUN_EXIT.passed
  const result = {
    exitCode,
    tally,
    folder,
    ...(kept === undefined ? {} : { kept: { pid: kept.pid, url: kept.url } }),
  }
  await Promise.all((options.observers ?? []).map((observer) => observer.end?.(result)))
  return result
}

interface TestsOfRun {
  readonly openTests: OpenTests
  readonly selection: TestSelection
  readonly topology: Topology
  readonly stage: Stage
  readonly events: RunEvents
  readonly signal: AbortSignal | undefined
  readonly observers: readonly RunObserver[]
}

/** Runs the tests on every deployment; settles when all have ended, or soon after the signal. */
async function runTests(run: TestsOfRun): Promise<void> {
  const { openTests, selection, topology, stage, events, signal, observers } = run
  const over = Promise.withResolvers<void>()
  const end = () => over.resolve()
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted === true) end()
  void stage.lost.then(end)
  try {
    const grace = over.promise.then(() => sleep(CANCEL_MS, undefined, { ref: false }))
    await Promise.race([
      grace,
      Promise.all(
        [...stage.deployments.values()].map(async (deployment) => {
          const tests = await openTests(selection, topology.name, events)
          void over.promise.then(() => tests.cancel())
          try {
            const access = await Promise.race([deployment.catch(() => undefined), over.promise])
            if (access === undefined) return
            for (const observer of observers) observer.deployed?.(access)
            await tests.run(access)
          } finally {
            await tests.close()
          }
        }),
      ),
    ])
  } finally {
    signal?.removeEventListener('abort', end)
  }
}

async function vitestTests(folder: string): Promise<OpenTests> {
  const vitest = await loadVitest(folder)
  return (selection, topology, events) => TestRun.open(vitest, selection, topology, events)
}

/** Those that could be started. */
async function deploymentsOf(
  stage: Stage,
  engines: readonly EngineName[],
): Promise<readonly DeploymentAccess[]> {
  const all = engines.map((engine) => stage.deployments.get(engine))
  const settled = await Promise.allSettled(all)
  return settled.flatMap((result) =>
    result.status === 'fulfilled' && result.value !== undefined ? [result.value] : [],
  )
}

/**
 * The tests that are to be run.
 *
 * @throws StatefunError `SF_GATE_NO_TESTS` when no test is chosen
 */
async function chosenTests(openTests: OpenTests, selection: TestSelection): Promise<readonly ChosenTest[]> {
  const tests = await openTests(selection, 'embedded', new RunEvents())
  try {
    const chosen = await tests.choose()
    if (chosen.length === 0) {
      throw new StatefunError('SF_GATE_NO_TESTS', 'no test is chosen', {
        where: selection.folder,
        hint:
          selection.files.length + selection.expressions.length === 0
            ? 'write one: e2e/first.e2e.ts'
            : 'choose others with --tags, --exclude-tags or names of files',
      })
    }
    return chosen
  } finally {
    await tests.close()
  }
}

function selectionOf(request: RunRequest, lastFailed: LastFailed): TestSelection {
  const ownTags = request.app.tags ?? {}
  const known = [...Object.keys(TAGS), ...Object.keys(ownTags)]
  const { tags, excludeTags } = request
  const wanted = tags === undefined ? undefined : parseTagExpression(tags, '--tags', known)
  const unwanted =
    excludeTags === undefined ? undefined : parseTagExpression(excludeTags, '--exclude-tags', known)
  if (request.lastFailed && lastFailed.tests.size === 0) {
    throw new StatefunError('SF_GATE_NO_TESTS', 'no test failed in the last run', {
      hint: 'run without --last-failed',
    })
  }
  return {
    folder: request.app.folder,
    tags: (all) => (wanted?.(all) ?? true) && !(unwanted?.(all) ?? false),
    expressions: [
      ...(tags === undefined ? [] : [tags]),
      ...(excludeTags === undefined ? [] : [`not (${excludeTags})`]),
    ],
    ownTags,
    files: request.files,
    ...(request.lastFailed ? { only: new Set(lastFailed.tests) } : {}),
  }
}

function selectionText({ tags, excludeTags, files, lastFailed }: RunRequest): string {
  return [
    ...(tags === undefined ? [] : [`tags ${tags}`]),
    ...(excludeTags === undefined ? [] : [`without ${excludeTags}`]),
    ...(files.length === 0 ? [] : [`files ${files.join(', ')}`]),
    ...(lastFailed ? ['those that failed last time'] : []),
  ].join('; ')
}
