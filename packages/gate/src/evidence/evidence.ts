import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import type { RunEvidence } from '../report/run-evidence.ts'
import type { EvidenceLink, PartLines, TopicTail } from '../report/run-report.ts'
import type { PartFacts, RunEvent } from '../run/run-events.ts'
import type { DeploymentAccess } from '../topology/deployment-access.ts'
import type { AppUnderTest } from '../topology/topology.ts'
import { collectorsOf, tailsOf } from './collectors.ts'
import { LogWatch } from './log-watch.ts'
import { redactLog } from './redact.ts'
import { recordJson, type Tail, tailRecord } from './tail-record.ts'
import { MOST_LOG_BYTES, tidyFolder } from './tidy.ts'

/** What a collector may take at most; one that hangs must not hold up the end of the run. */
const COLLECT_MS = 8_000
/** Records of each topic in the report itself. */
const SHOWN_RECORDS = 10
/** Failed tests that get topics of their own moment; those after them show the end of the run. */
const MOST_MOMENTS = 10

/**
 * Keeps what helps to understand a run, in its folder: what each part logged and when, the last records of topics and streams,
 * metrics, the bucket, configurations without secrets. What cannot be had is a gap that the report names; nothing here throws.
 */
export class Evidence implements RunEvidence {
  readonly links: EvidenceLink[] = []
  readonly gaps: { readonly at: number; readonly text: string }[] = []
  readonly #folder: string
  readonly #app: AppUnderTest
  readonly #logs: LogWatch
  readonly #events: RunEvent[] = []
  readonly #parts = new Map<string, readonly PartFacts[]>()
  readonly #deployments = new Map<string, DeploymentAccess>()
  readonly #tails = new Map<string, readonly Tail[]>()
  /** By the moment at which a test failed on a deployment. */
  readonly #moments = new Map<string, readonly Tail[]>()
  readonly #working = new Set<Promise<void>>()
  readonly #mostLogBytes: number
  readonly #began = Date.now()

  /**
   * @param folder of the run, absolute; parts log to files below `logs/` in it
   * @param mostLogBytes bytes kept of each log
   */
  constructor(folder: string, app: AppUnderTest, mostLogBytes = MOST_LOG_BYTES) {
    this.#folder = folder
    this.#app = app
    this.#mostLogBytes = mostLogBytes
    this.#logs = new LogWatch(join(folder, 'logs'))
    this.#logs.start()
  }

  /** Takes each event as it happens. A failed test has its topics read at once, while they show what it saw. */
  readonly observe = (event: RunEvent): void => {
    this.#events.push(event)
    if (event.type === 'deployment-ready') this.#parts.set(event.deployment, event.parts)
    if (event.type !== 'test-end' || event.verdict !== 'failed') return
    const access = this.#deployments.get(event.test.deployment)
    if (access === undefined || this.#moments.size >= MOST_MOMENTS) return
    const moment = momentKey(event.test.deployment, event.at)
    this.#moments.set(moment, [])
    this.#work(async () => {
      this.#moments.set(moment, await this.#readTails(access))
    })
  }

  /** A deployment is there: it is looked at when one of its tests fails, and by {@link collect}. */
  deployed(access: DeploymentAccess): void {
    this.#deployments.set(access.name, access)
  }

  /** Looks at all deployments, which still run. */
  async collect(): Promise<void> {
    await Promise.all([
      ...this.#working,
      ...[...this.#deployments.values()].map((access) => this.#collect(access)),
    ])
  }

  /** Ends the watching once nothing runs any more, and writes the timeline. */
  async finish(): Promise<void> {
    await Promise.all(this.#working)
    this.#logs.stop()
    await this.#keep('Timeline of the run', 'timeline.json', async () => this.#timeline())
    for (const name of this.#logs.names()) {
      const path = join(this.#folder, 'logs', name)
      const { size } = await stat(path).catch(() => ({ size: 0 }))
      this.links.push({ title: `Log ${name.replace(/\.log$/, '')}`, path: `logs/${name}`, bytes: size })
    }
  }

  /** See {@link tidyFolder}. Only after the report is made, as its moments are places in the logs, and when no part runs. */
  async tidy(): Promise<void> {
    await tidyFolder(this.#folder, {
      since: this.#began,
      mostLogBytes: this.#mostLogBytes,
      onFailure: (what, error) => this.#gap(what, error),
    })
  }

  said(deployment: string, from: number, to: number): readonly PartLines[] {
    return this.#logsOf(deployment).map(({ part, log }) => {
      const { lines, omitted } = this.#logs.window(log, from, to)
      const shown = lines.map(({ at, text }) => ({ at, text: redactLog(text) }))
      return { part, lines: shown, omitted, log: `logs/${log}` }
    })
  }

  tails(deployment: string, at?: number): readonly TopicTail[] {
    const moment = at === undefined ? undefined : this.#moments.get(momentKey(deployment, at))
    const tails = moment === undefined || moment.length === 0 ? this.#tails.get(deployment) : moment
    const file = this.#tails.has(deployment) ? `${slug(deployment)}/records.json` : undefined
    return (tails ?? []).map(({ name, total, records }) => ({
      name,
      records: records.slice(-SHOWN_RECORDS).map(tailRecord),
      ...(total === undefined ? {} : { total }),
      ...(file === undefined ? {} : { file }),
    }))
  }

  logOf(deployment: string, part: string): string | undefined {
    const facts = this.#parts.get(deployment)?.find(({ name }) => name === part)
    if (facts === undefined) return undefined
    if (facts.logPath !== undefined) return this.#relative(facts.logPath)
    const path = `${slug(deployment)}/${part}.log`
    return this.links.some((link) => link.path === path) ? path : undefined
  }

  async #collect(access: DeploymentAccess): Promise<void> {
    const folder = slug(access.name)
    const collectors = collectorsOf(access, this.#parts.get(access.name) ?? [], this.#app)
    await Promise.all([
      ...collectors.map(({ title, file, collect }) =>
        this.#keep(`${title}, ${access.name}`, `${folder}/${file}`, collect),
      ),
      this.#keep(`Last records of topics and streams, ${access.name}`, `${folder}/records.json`, async () => {
        const tails = await this.#readTails(access)
        this.#tails.set(access.name, tails)
        const json = tails.map(({ name, total, records }) => ({
          name,
          total,
          records: records.map(recordJson),
        }))
        return `${JSON.stringify(json, null, 2)}\n`
      }),
    ])
  }

  /** What does not answer is a gap; the rest is there. */
  async #readTails(access: DeploymentAccess): Promise<readonly Tail[]> {
    const signal = AbortSignal.timeout(COLLECT_MS)
    const places = await Promise.all(
      tailsOf(access, signal).map((place) =>
        within(place, signal).catch((error: unknown) => {
          this.#gap(`records of ${access.name}`, error)
          return []
        }),
      ),
    )
    return places.flat()
  }

  async #keep(title: string, path: string, collect: (signal: AbortSignal) => Promise<string>): Promise<void> {
    const signal = AbortSignal.timeout(COLLECT_MS * 2)
    try {
      const text = await within(collect(signal), signal)
      const absolute = join(this.#folder, path)
      await mkdir(join(absolute, '..'), { recursive: true })
      await writeFile(absolute, text)
      this.links.push({ title, path, bytes: Buffer.byteLength(text) })
    } catch (error) {
      this.#gap(title, error)
    }
  }

  #gap(what: string, error: unknown): void {
    const { code, message, where } = StatefunError.from(error, 'SF_GATE_EVIDENCE')
    const place = where === undefined ? '' : ` (${where})`
    this.gaps.push({ at: Date.now(), text: `no evidence: ${what}: ${code} ${message}${place}` })
  }

  #work(work: () => Promise<void>): void {
    const working = work().finally(() => this.#working.delete(working))
    this.#working.add(working)
  }

  #timeline(): string {
    const growth = this.#logs.growth().map((entry) => ({ ...entry, type: 'log' as const }))
    const entries = [...this.#events, ...growth].sort((a, b) => a.at - b.at)
    const lines = entries.map(({ at, ...entry }) =>
      JSON.stringify({ time: new Date(at).toISOString(), ...entry }),
    )
    return `[\n${lines.join(',\n')}\n]\n`
  }

  /** Logs of a deployment's parts, then those that belong to no deployment. */
  #logsOf(deployment: string): readonly { readonly part: string; readonly log: string }[] {
    const logOf = ({ logPath }: PartFacts) => (logPath === undefined ? undefined : this.#logName(logPath))
    const own = (this.#parts.get(deployment) ?? []).flatMap((part) => {
      const log = logOf(part)
      return log === undefined ? [] : [{ part: part.name as string, log }]
    })
    const taken = new Set([...this.#parts.values()].flat().map(logOf))
    const shared = this.#logs.names().filter((name) => !taken.has(name))
    return [...own, ...shared.map((log) => ({ part: log.replace(/\.log$/, ''), log }))]
  }

  #logName(path: string): string {
    return relative(join(this.#folder, 'logs'), path).split(sep).join('/')
  }

  #relative(path: string): string {
    return relative(this.#folder, path).split(sep).join('/')
  }
}

/** Rejects as soon as the signal is aborted, also when the work does not listen to it. */
async function within<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return await new Promise((resolve, reject) => {
    signal.addEventListener(
      'abort',
      () => reject(new StatefunError('SF_GATE_EVIDENCE', 'there was no answer in time')),
      { once: true },
    )
    work.then(resolve, reject)
  })
}

function momentKey(deployment: string, at: number): string {
  return `${deployment}\n${at}`
}

/** A deployment's name as the name of a folder. */
function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}
