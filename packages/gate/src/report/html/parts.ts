import { measureLines } from '../measure-text.ts'
import { duration, size } from '../readable.ts'
import type { RunReport } from '../run-report.ts'
import { type Html, html } from './html.ts'
import { evidenceLinks, fileLink } from './links.ts'

/** Where it ran and on what: machine, versions, and the parts of each deployment. */
export function parts({ machine, deployments, measures }: RunReport): Html {
  return html`<section aria-labelledby="parts"><h2 id="parts">Machine and parts</h2>
<p>${machine.platform}, ${machine.cores} cores, ${size(machine.memoryBytes)} of memory</p>
${machine.versions.length > 0 && html`<p>${machine.versions.join(' · ')}</p>`}
${measureLines(measures).map((line) => html`<p>${line}</p>`)}
${deployments.map(
  (deployment) => html`<h3>${deployment.name} <span class="quiet">${deployment.engine}</span></h3>
<ul class="parts">${deployment.parts.map(
    ({ name, about, log }) => html`<li><b>${name}</b> ${about}${
      log !== undefined && html` <span class="quiet">${fileLink(log, 'log')}</span>`
    }</li>
`,
  )}</ul>`,
)}</section>`
}

/** What went on besides, and every file that was kept. */
export function rest({ notes, evidence }: RunReport): Html {
  return html`${
    notes.length > 0 &&
    html`<section aria-labelledby="notes"><h2 id="notes">Notes</h2><ul class="notes">${notes.map(
      ({ at, text }) => html`<li><time>${duration(at)}</time> ${text}</li>
`,
    )}</ul></section>`
  }${
    evidence.length > 0 &&
    html`<section aria-labelledby="evidence"><h2 id="evidence">Evidence</h2>${evidenceLinks(evidence)}</section>`
  }`
}
