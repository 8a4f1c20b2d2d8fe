import { plain } from '../readable.ts'

/** Markup that is safe to show as it is. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

/** What a template may hold: text is escaped, nothing shows nothing. */
export type HtmlValue = Html | string | number | undefined | false | readonly HtmlValue[]

/**
 * Markup with values in it; every value that is not {@link Html} itself is escaped, for elements and quoted attributes alike.
 *
 * @example html`<a href="${path}">${title}</a>`
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.map((part, i) => (i === 0 ? part : write(values[i - 1]) + part)).join(''))
}

function write(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map(write).join('')
  return escapeText(String(value))
}

function escapeText(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
