import { size } from '../readable.ts'
import type { EvidenceLink } from '../run-report.ts'
import { type Html, html } from './html.ts'

/** A link to a file beside the page. */
export function fileLink(path: string, title: string): Html {
  return html`${title}: <a href="${encodePath(path)}"><code>${path}</code></a>`
}

/** Files that belong to something, as a list. */
export function evidenceLinks(links: readonly EvidenceLink[]): Html | undefined {
  if (links.length === 0) return undefined
  return html`<ul class="links">${links.map(
    ({ title, path, bytes }) => html`<li><a href="${encodePath(path)}">${title}</a> <code>${path}</code>${
      bytes !== undefined && html` <span class="quiet">${size(bytes)}</span>`
    }</li>
`,
  )}</ul>`
}

/** `./` keeps a name with a colon from being read as a protocol. */
function encodePath(path: string): string {
  return `./${path.split('/').map(encodeURIComponent).join('/')}`
}
