import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StatefunError } from '@statefun/protocol'
import { isAlive } from '../process/is-alive.ts'
import { gateFolder } from './run-folder.ts'
import type { KeptStage } from './stage/stage.ts'

/** Longest time that a kept stage may take to end, in milliseconds. */
const STOP_MS = 60_000
const POLL_MS = 100

/** A stage that a run left behind, and the folder of that run. */
export interface KeptRecord extends KeptStage {
  readonly folder: string
}

/** The stages that runs of an app left behind with `--keep`, in files that only their owner reads. */
export class KeptStages {
  readonly #folder: string

  /** @param folder of what the gate keeps of an app: `.statefun/e2e` */
  constructor(folder: string) {
    this.#folder = join(folder, 'kept')
  }

  /** Those of the app in a folder. */
  static of(appFolder: string): KeptStages {
    return new KeptStages(gateFolder(appFolder))
  }

  add(record: KeptRecord): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    writeFileSync(this.#file(record), JSON.stringify(record), { mode: 0o600 })
  }

  /** Those whose process is still there. */
  list(): KeptRecord[] {
    let names: string[]
    try {
      names = readdirSync(this.#folder)
    } catch {
      // Nothing was ever kept.
      return []
    }
    const records = names.map(
      (name) => JSON.parse(readFileSync(join(this.#folder, name), 'utf8')) as KeptRecord,
    )
    for (const record of records) if (!isAlive(record.pid)) rmSync(this.#file(record), { force: true })
    return records.filter(({ pid }) => isAlive(pid))
  }

  /**
   * Ends one and settles when it is gone.
   *
   * @throws StatefunError `SF_GATE_STOP` when it does not end
   */
  async stop(record: KeptRecord): Promise<void> {
    // By its server and not by a signal: the pid may be another program's by now.
    const response = await fetch(`${record.url}/stop`, {
      method: 'POST',
      headers: { authorization: `Bearer ${record.token}` },
    }).catch(() => undefined)
    for (const until = performance.now() + STOP_MS; response?.ok === true && isAlive(record.pid); ) {
      if (performance.now() > until) {
        throw new StatefunError('SF_GATE_STOP', `process ${record.pid} does not end`, {
          where: record.folder,
          hint: `end it with: kill -9 ${record.pid}`,
        })
      }
      await sleep(POLL_MS)
    }
    rmSync(this.#file(record), { force: true })
  }

  #file({ pid }: KeptRecord): string {
    return join(this.#folder, `${pid}.json`)
  }
}
