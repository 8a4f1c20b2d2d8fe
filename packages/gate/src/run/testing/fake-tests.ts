import type { DeploymentAccess } from '../../topology/deployment-access.ts'
import type { Verdict } from '../run-events.ts'
import type { OpenTests } from '../tests/test-run.ts'

/** A test of {@link fakeTests}. */
export interface FakeTest {
  readonly name: string
  readonly tags?: readonly string[]
  /** Passes when left out. */
  readonly run?: (access: DeploymentAccess, cancelled: Promise<void>) => Promise<Verdict>
}

const FILE = 'e2e/fake.e2e.ts'

/** Tests without Vitest, all in `e2e/fake.e2e.ts`. */
export function fakeTests(tests: readonly FakeTest[]): OpenTests {
  return async ({ tags: matches, only }, _topology, events) => {
    const cancelled = Promise.withResolvers<void>()
    const key = ({ name }: FakeTest) => `${FILE} > ${name}`
    const chosen = tests.filter((test) => matches(test.tags ?? []) && (only?.has(key(test)) ?? true))
    return {
      choose: async () => chosen.map((test) => ({ key: key(test), file: FILE, tags: test.tags ?? [] })),
      async run(access) {
        for (const fake of chosen) {
          const test = {
            deployment: access.name,
            engine: access.engine,
            file: FILE,
            test: fake.name,
            tags: fake.tags ?? [],
          }
          events.emit({ type: 'test-begin', test })
          const verdict = (await fake.run?.(access, cancelled.promise)) ?? 'passed'
          events.emit({ type: 'test-end', test, verdict, seconds: 0, failures: [] })
        }
      },
      cancel: async () => cancelled.resolve(),
      close: async () => undefined,
    }
  }
}
