import { count, duration, oneLine } from '../readable.ts'
import type { ReportedTest, RunReport } from '../run-report.ts'
import { type Html, html } from './html.ts'

const TITLES = { passed: 'Passed', failed: 'Failed', interrupted: 'Interrupted' } as const

/** What a run came to in one sentence: `2 of 14 tests failed`. */
export function verdictSentence({ verdict, tests, errors }: RunReport): string {
  const failed = tests.filter((test) => test.verdict === 'failed').length
  const run = tests.filter((test) => test.verdict === 'passed').length + failed
  if (verdict === 'passed') return `${count(run, 'test')} passed`
  const words = [
    ...(failed > 0 ? [`${failed} of ${count(run, 'test')} failed`] : []),
    ...(errors.length > 0 ? [`${count(errors.length, 'error')} outside of the tests`] : []),
  ]
  return words.length > 0 ? words.join(', ') : `${count(run, 'test')} had run`
}

/** The head of the page: verdict, numbers, what was asked for, and every failure in a line. */
export function summary(report: RunReport): Html {
  const { totals, request, verdict } = report
  return html`<header class="verdict ${verdict}">
<p class="mark" aria-hidden="true">${verdict === 'passed' ? '✓' : verdict === 'failed' ? '✗' : '■'}</p>
<div>
<h1>${TITLES[verdict]}<span class="what">: ${verdictSentence(report)}</span></h1>
<p class="about"><b>${request.app}</b> on ${request.engines.join(' and ')}, topology <b>${request.topology}</b>${
    request.selection !== undefined && html`, tests <code>${request.selection}</code>`
  }</p>
<p class="about"><time datetime="${report.startedAt}">${moment(report.startedAt)}</time> · ${duration(report.seconds)}
· <code>${request.command}</code></p>
</div>
<dl class="numbers">
${number('passed', totals.passed)}${number('failed', totals.failed)}${number('not applicable', totals.notApplicable)}${
  totals.skipped > 0 && number('skipped', totals.skipped)
}
</dl>
</header>
${failureList(report)}`
}

function number(label: string, value: number): Html {
  return html`<div class="${label.replace(' ', '-')}${value === 0 && ' none'}"><dt>${label}</dt><dd>${value}</dd></div>`
}

function failureList({ tests, errors }: RunReport): Html | undefined {
  const failed = tests.filter((test) => test.verdict === 'failed')
  if (failed.length + errors.length === 0) return undefined
  return html`<section aria-labelledby="what-failed"><h2 id="what-failed">What failed</h2>
<ul class="failure-list">
${errors.map(
  (
    error,
  ) => html`<li><a href="#outside">outside of the tests</a> <span class="code">${error.code}</span> ${oneLine(error.message)}
${error.where !== undefined && html`<span class="quiet">at ${error.where}</span>`}${
  error.hint !== undefined && html`<span class="hint">${error.hint}</span>`
}</li>`,
)}
${failed.map(
  (test, index) => html`<li><a href="#${failureId(index)}">${test.suite} › ${test.name}</a>
<span class="engine">${test.deployment}</span> <span class="message">${firstLine(test)}</span></li>`,
)}
</ul></section>`
}

/** What the first error of a test says, in a line. */
export function firstLine({ errors }: ReportedTest): string {
  const [error] = errors
  return error === undefined ? 'no error was reported' : oneLine(error.message, 200)
}

/** Anchor of the n-th failed test. */
export function failureId(index: number): string {
  return `failure-${index + 1}`
}

function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}
