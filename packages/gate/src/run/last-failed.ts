import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RunEvent } from './run-events.ts'

/** Which tests failed when they were last run: `<file> > <test>`, on whatever engine. Kept from run to run. */
export class LastFailed {
  readonly #file: string
  readonly #failed: Set<string>

  /** @param folder of what the gate keeps of an app: `.statefun/e2e` */
  constructor(folder: string) {
    this.#file = join(folder, 'last-failed.json')
    this.#failed = new Set(read(this.#file))
  }

  get tests(): ReadonlySet<string> {
    return this.#failed
  }

  /** Takes a run into account; tests that were not run keep what they have. */
  update(events: readonly RunEvent[]): void {
    const ended = events.filter((event) => event.type === 'test-end')
    const keyOf = ({ test }: (typeof ended)[number]) => `${test.file} > ${test.test}`
    for (const event of ended) if (event.verdict === 'passed') this.#failed.delete(keyOf(event))
    for (const event of ended) if (event.verdict === 'failed') this.#failed.add(keyOf(event))
    mkdirSync(dirname(this.#file), { recursive: true })
    writeFileSync(this.#file, `${JSON.stringify([...this.#failed], undefined, 2)}\n`)
  }
}

function read(file: string): string[] {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return Array.isArray(content) ? content.filter((key) => typeof key === 'string') : []
  } catch {
    // No run yet, or a file that somebody has edited: nothing is known to have failed.
    return []
  }
}
