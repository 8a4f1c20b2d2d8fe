import type { RunReport } from '../run-report.ts'
import { failures, outside } from './failures.ts'
import { Html, html } from './html.ts'
import { matrix } from './matrix.ts'
import { parts, rest } from './parts.ts'
import { phases } from './phases.ts'
import { STYLES } from './styles.ts'
import { summary, verdictSentence } from './summary.ts'

/** The mark of the verdict in the tab of a browser. */
const ICONS = { passed: '%2315803d', failed: '%23b91c1c', interrupted: '%23a16207' } as const

/**
 * A run as a page for people: one file without scripts that asks for nothing outside itself, with links to the evidence beside
 * it.
 */
export function htmlReport(report: RunReport): string {
  return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${report.verdict}: ${verdictSentence(report)} – ${report.id}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Ccircle cx='4' cy='4' r='4' fill='${new Html(ICONS[report.verdict])}'/%3E%3C/svg%3E">
<style>${new Html(STYLES)}</style>
</head>
<body>
${summary(report)}
<nav aria-label="Sections">${sections(report)}</nav>
<main>
${phases(report)}
${matrix(report)}
${outside(report)}
${failures(report)}
${parts(report)}
${rest(report)}
</main>
<footer>${report.id} · <a href="./report.json">report.json</a> · <a href="./junit.xml">junit.xml</a></footer>
</body>
</html>
`}`
}

function sections({ phases, tests, errors, notes, evidence }: RunReport): readonly Html[] {
  const failed = tests.filter(({ verdict }) => verdict === 'failed').length
  const all: readonly (readonly [id: string, title: string, there: boolean])[] = [
    ['phases', 'Phases', phases.length > 0],
    ['tests', 'Tests', tests.length > 0],
    ['outside', 'Outside of the tests', errors.length > 0],
    ['failures', `Failures (${failed})`, failed > 0],
    ['parts', 'Machine and parts', true],
    ['notes', 'Notes', notes.length > 0],
    ['evidence', 'Evidence', evidence.length > 0],
  ]
  return all.filter(([, , there]) => there).map(([id, title]) => html`<a href="#${id}">${title}</a> `)
}
