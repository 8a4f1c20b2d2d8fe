import { join, relative } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import { Evidence } from '../evidence/evidence.ts'
import type { PartFacts, RunEvent } from '../run/run-events.ts'
import type { RunContext, RunObserver, RunResult } from '../run/run-observer.ts'
import type { DeploymentAccess } from '../topology/deployment-access.ts'
import { buildReport } from './build-report.ts'
import { closingText } from './terminal/closing-text.ts'
import { type RunView, runView } from './terminal/terminal-view.ts'
import type { TextStream } from './terminal/text-stream.ts'
import { writeReport } from './write-report.ts'

/** How a person reads of a run. */
export interface RunReporterOptions {
  readonly stdout: TextStream
  readonly stderr: TextStream
  /** As it was typed: `statefun e2e --tags kafka`. */
  readonly command: string
  /** Paths are shown relative to it. */
  readonly cwd: string
  /** How what was kept is ended: `statefun e2e --stop`. */
  readonly stopCommand: string
  /** A file that a summary in Markdown is appended to. */
  readonly stepSummary?: string | undefined
}

/** Shows a run while it goes on, keeps evidence of it, and writes its report. */
export class RunReporter implements RunObserver {
  readonly #options: RunReporterOptions
  readonly #view: RunView
  readonly #events: RunEvent[] = []
  readonly #parts = new Map<string, readonly PartFacts[]>()
  #context: RunContext | undefined
  #evidence: Evidence | undefined

  constructor(options: RunReporterOptions) {
    this.#options = options
    this.#view = runView(options.stdout)
  }

  begin(context: RunContext): void {
    this.#context = context
    const evidence = new Evidence(context.folder, context.request.app)
    this.#evidence = evidence
    context.events.subscribe((event) => {
      this.#events.push(event)
      if (event.type === 'deployment-ready') this.#parts.set(event.deployment, event.parts)
      evidence.observe(event)
      this.#view.observe(event)
    })
  }

  deployed(access: DeploymentAccess): void {
    this.#evidence?.deployed(access)
  }

  async beforeStop(): Promise<void> {
    const { events } = this.#context ?? {}
    events?.emit({ type: 'phase-begin', phase: 'evidence', after: [] })
    const began = performance.now()
    await this.#evidence?.collect()
    events?.emit({ type: 'phase-end', phase: 'evidence', seconds: (performance.now() - began) / 1000 })
  }

  async end(result: RunResult): Promise<void> {
    const { stdout, stderr, command, cwd, stepSummary } = this.#options
    this.#view.end()
    if (this.#context === undefined || this.#evidence === undefined) return
    const { request, folder } = this.#context
    await this.#evidence.finish()
    const report = buildReport(this.#events, command, this.#evidence)
    let page: string | undefined
    try {
      page = await writeReport(report, { folder, json: request.json, junit: request.junit, stepSummary })
    } catch (error) {
      stderr.write(`${StatefunError.from(error).format()}\n`)
    }
    // Parts that were left running write to their logs.
    if (result.kept === undefined) await this.#evidence.tidy()
    else stdout.write(this.#keptText(result.kept.pid))
    stdout.write(closingText(stdout, report, page === undefined ? undefined : shown(cwd, page)))
  }

  #keptText(pid: number): string {
    const { cwd, stopCommand } = this.#options
    const lines = [...this.#parts].flatMap(([deployment, parts]) => [
      `  ${deployment}`,
      ...parts.map(({ name, title, reach, logPath }) =>
        [
          `    ${name.padEnd(12)}`,
          title,
          ...(reach === undefined ? [] : [`at ${reach}`]),
          ...(logPath === undefined ? [] : [`log ${shown(cwd, logPath)}`]),
        ].join('  '),
      ),
    ])
    const log = shown(cwd, join(this.#context?.folder ?? '', 'logs', 'host.log'))
    return `\nleft running in process ${pid} (log ${log}); end it with: ${stopCommand}\n${lines.join('\n')}\n`
  }
}

/** A path as a person types it here: relative where it is below the folder. */
function shown(cwd: string, path: string): string {
  const short = relative(cwd, path)
  return short.startsWith('..') ? path : short
}
