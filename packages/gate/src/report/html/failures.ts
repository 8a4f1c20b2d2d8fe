import { count, duration } from '../readable.ts'
import type { PartLines, ReportedError, ReportedTest, RunReport, TopicTail } from '../run-report.ts'
import { Html, html } from './html.ts'
import { evidenceLinks, fileLink } from './links.ts'
import { failureId } from './summary.ts'

/** Every failed test: what was expected, what each part said at that moment, and what the topics held. */
export function failures({ tests }: RunReport): Html | undefined {
  const failed = tests.filter(({ verdict }) => verdict === 'failed')
  if (failed.length === 0) return undefined
  return html`<section aria-labelledby="failures"><h2 id="failures">Failures</h2>
${failed.map((test, index) => failure(test, failureId(index)))}</section>`
}

/** What went wrong outside of tests, and what parts of no deployment said then. */
export function outside({ errors, said }: RunReport): Html | undefined {
  if (errors.length === 0) return undefined
  return html`<section aria-labelledby="outside"><h2 id="outside">Outside of the tests</h2>
<article class="failure">${errors.map(errorBlock)}
${
  said.length > 0 &&
  html`<h4>What parts said</h4>
${said.map(saidBlock)}`
}</article></section>`
}

function failure(test: ReportedTest, id: string): Html {
  return html`<article class="failure" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title"><span class="suite">${test.suite} › </span>${test.name}</h3>
<p class="about"><span class="engine">${test.deployment}</span> ${test.tags.map((tag) => html`<span class="tag">${tag}</span> `)}
from ${duration(test.begin)} to ${duration(test.begin + test.seconds)} ·
<code>${test.file}</code></p>
${test.errors.map(errorBlock)}
${
  test.said.length > 0 &&
  html`<h4>What each part said meanwhile</h4>
${test.said.map(saidBlock)}`
}
${
  test.tails.length > 0 &&
  html`<h4>The last records</h4>
${test.tails.map(tailBlock)}`
}
${evidenceLinks(test.evidence)}
</article>
`
}

/** An error with its code, place, hint, difference and stack. */
export function errorBlock(error: ReportedError): Html {
  return html`<div class="error"><p class="message"><span class="code">${error.code}</span> ${error.message}</p>
${error.where !== undefined && html`<p class="where">at <code>${error.where}</code></p>`}
${error.hint !== undefined && html`<p class="hint">${error.hint}</p>`}
${error.diff !== undefined && html`<pre class="diff" tabindex="0" aria-label="difference">${error.diff.split('\n').map(diffLine)}</pre>`}
${
  error.stack !== undefined &&
  html`<details><summary>stack</summary><pre tabindex="0" aria-label="stack">${error.stack}</pre></details>`
}</div>
`
}

function diffLine(line: string): Html {
  const kind = /^\s*-/.test(line) ? 'del' : /^\s*\+/.test(line) ? 'ins' : 'span'
  return html`${new Html(`<${kind}>`)}${line}${new Html(`</${kind}>`)}\n`
}

function saidBlock({ part, lines, omitted, log }: PartLines): Html {
  const middle = omitted > 0 ? Math.ceil(lines.length / 2) : -1
  return html`<details class="said"${lines.length > 0 && new Html(' open')}><summary>${part} <span class="quiet">${
    lines.length === 0 ? 'said nothing' : count(lines.length + omitted, 'line')
  }</span></summary>
${
  lines.length > 0 &&
  html`<pre class="log" tabindex="0" aria-label="log of ${part}">${lines.map(
    ({ at, text }, index) =>
      html`${
        index === middle && html`<span class="omitted">… ${count(omitted, 'line')} left out …\n</span>`
      }<span class="${level(text)}"><time>${at.toFixed(1).padStart(6)}</time> ${text}\n</span>`,
  )}</pre>`
}${log !== undefined && html`<p>${fileLink(log, 'whole log')}</p>`}</details>
`
}

function level(text: string): string {
  if (/\b(ERROR|FATAL|SEVERE)\b|"level":"?(error|50|60)|^error\b|Exception\b/.test(text)) return 'line bad'
  return /\bWARN(ING)?\b|"level":"?(warn|40)|^warn\b/.test(text) ? 'line odd' : 'line'
}

function tailBlock({ name, records, total, file }: TopicTail): Html {
  const some = total !== undefined && total > records.length ? `the last ${records.length} of ` : ''
  return html`<details class="tail"><summary>${name} <span class="quiet">${some}${count(total ?? records.length, 'record')}</span></summary>
${
  records.length > 0 &&
  html`<div class="scroll" tabindex="0" role="group" aria-label="${name}"><table><thead><tr><th scope="col">position</th><th scope="col">key</th>
<th scope="col">value</th><th scope="col">headers</th></tr></thead><tbody>
${records.map(
  ({ position, key, value, headers }) =>
    html`<tr><td>${position}</td><td>${key}</td><td>${value}</td><td>${headers}</td></tr>\n`,
)}</tbody></table></div>`
}${file !== undefined && html`<p>${fileLink(file, 'kept in')}</p>`}</details>
`
}
