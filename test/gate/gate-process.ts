import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { RunReport } from '@statefun/gate/run'
import { expect } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const CLI = join(ROOT, 'packages', 'cli', 'src', 'main.ts')

/** What a run of the gate came to. */
export interface Outcome {
  readonly exitCode: number
  readonly output: string
  readonly report: RunReport
  readonly junit: string
  readonly page: string
  /** Of report and evidence. */
  readonly folder: string
}

/** How the gate is run. */
export interface GateArguments {
  /** Of the app, absolute. */
  readonly config: string
  /** Unique among the runs of a folder. */
  readonly name: string
  readonly topology: 'embedded' | 'kind'
  /** Expression over tags. */
  readonly tags: string
  /** Parts of names of suites; all when left out. */
  readonly suites?: readonly string[]
  readonly timeoutMs: number
}

/** A folder with copies of suites of the gate, so that runs in it leave no trace in those of the checkout. */
export class GateFolder implements Disposable {
  readonly #folder: string

  constructor() {
    mkdirSync(join(ROOT, '.cache'), { recursive: true })
    this.#folder = mkdtempSync(join(ROOT, '.cache', 'planted-'))
    for (const suite of ['kafka.e2e.ts', 'totals.e2e.ts', 'kit', 'app/expiration.ts']) {
      cpSync(join(ROOT, 'e2e', suite), join(this.#folder, 'e2e', suite), { recursive: true })
    }
    symlinkSync(join(ROOT, 'examples'), join(this.#folder, 'examples'))
  }

  /** Runs the gate in a process of its own; one that cannot begin fails the test with what it printed. */
  async run({ config, name, topology, tags, suites = [], timeoutMs }: GateArguments): Promise<Outcome> {
    const folder = join(this.#folder, name)
    const [json, junit] = [join(folder, 'copy.json'), join(folder, 'copy.xml')]
    const args = [
      CLI,
      'e2e',
      ...suites,
      ...['--root', this.#folder],
      ...['--config', config],
      ...['--topology', topology],
      ...['--tags', tags],
      ...['--report', folder],
      ...['--json', json],
      ...['--junit', junit],
    ]
    const { exitCode, output } = await new Promise<Pick<Outcome, 'exitCode' | 'output'>>((resolve) => {
      execFile(process.execPath, args, { cwd: ROOT, timeout: timeoutMs }, (error, stdout, stderr) =>
        resolve({ exitCode: error === null ? 0 : Number(error.code), output: stdout + stderr }),
      )
    })
    expect([0, 1], output).toContain(exitCode)
    const read = (path: string) => readFileSync(path, 'utf8')
    return {
      exitCode,
      output,
      report: JSON.parse(read(json)) as RunReport,
      junit: read(junit),
      page: read(join(folder, 'index.html')),
      folder,
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
