import { readFileSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestCase, TestModule, TestUserConfig, Vitest } from 'vitest/node'
import type {} from '../../test/provided.ts'
import { TAGS } from '../../topology/capability.ts'
import type { DeploymentAccess } from '../../topology/deployment-access.ts'
import type { TopologyName } from '../../topology/topology.ts'
import { literalPattern } from '../literal-pattern.ts'
import type { RunEvents } from '../run-events.ts'
import type { TagFilter } from '../tag-expression.ts'
import { chooser, EventReporter, testKey } from './event-reporter.ts'
import type { VitestNode } from './load-vitest.ts'
import { withoutSignalHandlers } from './without-signal-handlers.ts'

/** Which tests of an app are meant. */
export interface TestSelection {
  /** Folder of the app. */
  readonly folder: string
  readonly tags: TagFilter
  /** The same as expressions, all of which a test has to match. */
  readonly expressions: readonly string[]
  /** Tags of the app besides ours. */
  readonly ownTags: Readonly<Record<string, string>>
  /** Parts of file names; all files when empty. */
  readonly files: readonly string[]
  /** Tests by `<file> > <name>`; all when undefined. */
  readonly only?: ReadonlySet<string> | undefined
  /** Files, relative to the app's folder, that are run one after another once all the others have ended. */
  readonly alone?: ReadonlySet<string>
}

/** A test that is to be run. */
export interface ChosenTest {
  /** `<file> > <name>`; the file is relative to the app's folder. */
  readonly key: string
  readonly file: string
  readonly tags: readonly string[]
}

/** The chosen tests of an app, for one deployment. */
export interface Tests {
  /** Those that would be run, found without running anything. */
  choose(): Promise<readonly ChosenTest[]>
  /** Runs them against a deployment; settles when all have ended. */
  run(access: DeploymentAccess): Promise<void>
  /** Lets no further test begin; that of now is told by its signal. */
  cancel(): Promise<void>
  close(): Promise<void>
}

/** Makes tests ready; nothing is run yet. */
export type OpenTests = (
  selection: TestSelection,
  topology: TopologyName,
  events: RunEvents,
) => Promise<Tests>

/** Where the tests of an app are, from its folder. */
export const TEST_FILES = 'e2e/**/*.e2e.ts'

/** Milliseconds that a test may take unless it says otherwise. */
const TEST_TIMEOUT_MS: Readonly<Record<TopologyName, number>> = {
  embedded: 60_000,
  process: 180_000,
  kind: 300_000,
}

/** Files that are run side by side: mostly they wait. A thread more loads what it imports once more, 0.6 s of CPU time. */
const SIDE_BY_SIDE = 5
/** Vitest's projects: a file is in one of the two. */
const TOGETHER = 'together'
const ALONE = 'alone'

/** Our own packages, wherever they are. */
const PACKAGES = new RegExp(`^${literalPattern(resolve(import.meta.dirname, '../../../..'))}/`)

/** A thread keeps compiled code between runs only where its environment says so, whatever this process does. */
function compileCache(): Readonly<Record<string, string>> {
  const folder = getCompileCacheDir()
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder }
}

/**
 * Tells whether a file that was read and not run may have tests with tags that only running it shows: `{ tags }`.
 */
function hasHiddenTags(module: TestModule): boolean {
  const untagged = [...module.children.allTests()].some(({ tags }) => tags.length === 0)
  return untagged && /\btags\b/.test(readFileSync(module.moduleId, 'utf8'))
}

/** Tests in a Vitest of their own. */
export class TestRun implements Tests {
  readonly #vitest: Vitest
  readonly #selection: TestSelection
  readonly #reporter: EventReporter
  readonly #chosen: (test: TestCase) => boolean
  #cancelled = false

  private constructor(
    vitest: Vitest,
    selection: TestSelection,
    reporter: EventReporter,
    chosen: (test: TestCase) => boolean,
  ) {
    this.#vitest = vitest
    this.#selection = selection
    this.#reporter = reporter
    this.#chosen = chosen
  }

  /** Makes a Vitest ready; nothing is run yet. */
  static async open(
    { createVitest }: VitestNode,
    selection: TestSelection,
    topology: TopologyName,
    events: RunEvents,
  ): Promise<TestRun> {
    const chosen = chooser(selection.tags, selection.only)
    const reporter = new EventReporter(events, selection.folder, chosen)
    const timeout = TEST_TIMEOUT_MS[topology]
    const tags = Object.entries(TAGS).map(([name, { description }]) => ({ name, description }))
    const ownTags = Object.entries(selection.ownTags).map(([name, description]) => ({ name, description }))
    const options: TestUserConfig = {
      root: selection.folder,
      include: [TEST_FILES],
      exclude: ['**/node_modules/**', '**/dist/**'],
      setupFiles: [fileURLToPath(import.meta.resolve('@statefun/gate/test/setup'))],
      // As of an installed package: by Node itself, and not by Vite, which would take its time over each file.
      server: { deps: { external: [PACKAGES] } },
      isolate: false,
      pool: 'threads',
      env: compileCache(),
      testTimeout: timeout,
      hookTimeout: timeout,
    }
    const vitest = await withoutSignalHandlers(() =>
      createVitest({
        root: selection.folder,
        config: false,
        watch: false,
        reporters: [reporter],
        passWithNoTests: true,
        tags: [...tags, ...ownTags],
        tagsFilter: [...selection.expressions],
        projects: [
          { test: { ...options, name: TOGETHER, maxWorkers: SIDE_BY_SIDE } },
          { test: { ...options, name: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
        ],
      }),
    )
    return new TestRun(vitest, selection, reporter, chosen)
  }

  async choose(): Promise<readonly ChosenTest[]> {
    const specifications = await this.#specifications()
    const parsed = await this.#vitest.parseSpecifications(specifications)
    const modules = parsed.some(hasHiddenTags)
      ? (await this.#vitest.collectTests(specifications)).testModules
      : parsed
    return modules
      .flatMap((module) => [...module.children.allTests()])
      .filter((test) => this.#chosen(test))
      .map((test) => ({ key: testKey(test), file: test.module.relativeModuleId, tags: test.tags }))
  }

  async run(access: DeploymentAccess): Promise<void> {
    if (this.#cancelled) return
    this.#reporter.deployment = access
    this.#vitest.provide('statefunDeployment', access)
    await this.#vitest.runTestSpecifications(await this.#specifications())
  }

  async cancel(): Promise<void> {
    this.#cancelled = true
    await this.#vitest.cancelCurrentRun('keyboard-input')
  }

  async close(): Promise<void> {
    await this.#vitest.close()
  }

  async #specifications() {
    const { only, files, folder, alone } = this.#selection
    const all = await this.#vitest.globTestSpecifications([...files])
    const found = all.filter(({ moduleId, project }) => {
      const isAlone = alone?.has(moduleId.slice(folder.length + 1)) === true
      return project.name === (isAlone ? ALONE : TOGETHER)
    })
    if (only === undefined) return found
    return found.flatMap((specification) => {
      const prefix = `${specification.moduleId.slice(folder.length + 1)} > `
      const names = [...only].flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []))
      if (names.length === 0) return []
      return [specification.project.createSpecification(specification.moduleId, { testNames: names })]
    })
  }
}
