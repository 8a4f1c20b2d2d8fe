import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import { htmlReport } from './html/page.ts'
import { junitReport } from './junit.ts'
import { markdownReport } from './markdown.ts'
import type { RunReport } from './run-report.ts'

/** Where a report goes besides its folder. */
export interface ReportPlaces {
  /** The folder of the run: gets `index.html`, `report.json`, `junit.xml` and `summary.md`. */
  readonly folder: string
  /** A second copy of `report.json`. */
  readonly json?: string | undefined
  /** A second copy of `junit.xml`. */
  readonly junit?: string | undefined
  /** A file that the Markdown is appended to: `$GITHUB_STEP_SUMMARY`. */
  readonly stepSummary?: string | undefined
}

/**
 * Writes a report in all its forms.
 *
 * @returns path of the HTML page
 * @throws StatefunError `SF_GATE_REPORT` when a file cannot be written
 */
export async function writeReport(report: RunReport, places: ReportPlaces): Promise<string> {
  const page = join(places.folder, 'index.html')
  const json = `${JSON.stringify(report, null, 2)}\n`
  const junit = junitReport(report)
  const markdown = markdownReport(report)
  await Promise.all([
    write(page, htmlReport(report)),
    write(join(places.folder, 'report.json'), json),
    write(join(places.folder, 'junit.xml'), junit),
    write(join(places.folder, 'summary.md'), markdown),
    ...(places.json === undefined ? [] : [write(places.json, json)]),
    ...(places.junit === undefined ? [] : [write(places.junit, junit)]),
    ...(places.stepSummary === undefined ? [] : [write(places.stepSummary, `${markdown}\n`, appendFile)]),
  ])
  return page
}

async function write(path: string, text: string, how = writeFile): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await how(path, text)
  } catch (cause) {
    throw new StatefunError('SF_GATE_REPORT', 'a file of the report cannot be written', {
      where: path,
      cause,
      hint: 'give --report, --json and --junit paths on a disk with room that this user may write to',
    })
  }
}
