import { count, duration } from '../readable.ts'
import type { ReportedTest, RunReport } from '../run-report.ts'
import { type Html, html } from './html.ts'
import { failureId } from './summary.ts'

const WORDS = {
  passed: 'passed',
  failed: 'failed',
  'not-applicable': 'not applicable',
  skipped: 'skipped',
} as const
const MARKS = { passed: '✓', failed: '✗', 'not-applicable': '–', skipped: '○' } as const

/** Tests by suite as rows, deployments as columns. Roles are spelt out, as phones show the rows as blocks. */
export function matrix({ tests }: RunReport): Html | undefined {
  if (tests.length === 0) return undefined
  const deployments = [...new Set(tests.map(({ deployment }) => deployment))]
  const suites = Map.groupBy(tests, ({ suite }) => suite)
  const failures = new Map(tests.filter(({ verdict }) => verdict === 'failed').map((test, i) => [test, i]))
  return html`<section aria-labelledby="tests"><h2 id="tests">Tests</h2>
<table class="matrix" role="table" aria-labelledby="tests">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">test</th>${deployments.map(
    (deployment) => html`<th role="columnheader" scope="col">${deployment}</th>`,
  )}</tr></thead>
${[...suites].map(
  ([suite, ofSuite]) => html`<tbody role="rowgroup">
<tr role="row" class="suite"><th role="rowheader" scope="rowgroup" colspan="${deployments.length + 1}">${suite}
<span class="quiet">${suiteCounts(ofSuite)}</span></th></tr>
${[...Map.groupBy(ofSuite, ({ name }) => name)].map(
  ([name, ofName]) => html`<tr role="row"><th role="rowheader" scope="row">${name}${tags(ofName)}</th>
${deployments.map((deployment) => cell(deployment, ofName, failures))}</tr>
`,
)}</tbody>
`,
)}</table></section>`
}

function suiteCounts(tests: readonly ReportedTest[]): string {
  const failed = tests.filter(({ verdict }) => verdict === 'failed').length
  const ran = tests.filter(({ verdict }) => verdict === 'passed' || verdict === 'failed')
  const time = duration(ran.reduce((sum, { seconds }) => sum + seconds, 0))
  return failed === 0
    ? `${count(ran.length, 'test')} · ${time}`
    : `${failed} of ${count(ran.length, 'test')} failed · ${time}`
}

function tags(tests: readonly ReportedTest[]): Html | undefined {
  const all = [...new Set(tests.flatMap((test) => test.tags))]
  return all.length === 0
    ? undefined
    : html` <span class="tags">${all.map((tag) => html`<span>${tag}</span> `)}</span>`
}

function cell(
  deployment: string,
  tests: readonly ReportedTest[],
  failures: ReadonlyMap<ReportedTest, number>,
): Html {
  const ofDeployment = tests.filter((test) => test.deployment === deployment)
  return html`<td role="cell" data-label="${deployment}">${
    ofDeployment.length === 0 ? html`<span class="quiet">did not run</span>` : ofDeployment.map(one)
  }</td>`

  function one(test: ReportedTest): Html {
    const failure = failures.get(test)
    const mark = html`<span aria-hidden="true">${MARKS[test.verdict]}</span> ${WORDS[test.verdict]}`
    return html`<span class="result ${test.verdict}">${
      failure === undefined ? mark : html`<a href="#${failureId(failure)}">${mark}</a>`
    }${(test.verdict === 'passed' || test.verdict === 'failed') && html` <span class="quiet">${duration(test.seconds)}</span>`}${
      test.reason !== undefined &&
      html`<span class="reason">${test.reason.replace(/^not applicable /, '')}</span>`
    }</span>`
  }
}
