import { posix } from 'node:path'
import type { MarkdownOptions } from 'vitepress'

type Markdown = Parameters<NonNullable<MarkdownOptions['config']>>[0]

/** Pages that are another file of the repository: links in them are meant from there. */
const INCLUDED: Readonly<Record<string, string>> = {
  'contributing.md': 'CONTRIBUTING.md',
  'security.md': 'SECURITY.md',
  'sdk-guide.md': 'packages/sdk/README.md',
}

/** `https://github.com/<owner>/<name>`; known in a workflow alone. */
const REPOSITORY =
  process.env.GITHUB_SERVER_URL !== undefined && process.env.GITHUB_REPOSITORY !== undefined
    ? `${process.env.GITHUB_SERVER_URL}/${process.env.GITHUB_REPOSITORY}`
    : undefined

/** Where a link of a page leads: to a page of the site, into the repository, or elsewhere. */
export type Target =
  | { readonly to: 'page'; readonly href: string }
  | { readonly to: 'repository'; readonly file: string; readonly anchor: string }
  | { readonly to: 'elsewhere' }

/**
 * Resolves a link.
 *
 * @param page path of the page below docs/, with `.md`
 * @param href as the page has it
 */
export function targetOf(page: string, href: string): Target {
  if (/^(?:[a-z]+:|#|\/)/i.test(href)) return { to: 'elsewhere' }
  const [path = '', anchor] = href.split('#')
  const folder = posix.dirname(INCLUDED[page] ?? posix.join('docs', page))
  const file = posix.normalize(posix.join(folder, path))
  const hash = anchor === undefined ? '' : `#${anchor}`
  const included = Object.entries(INCLUDED).find(([, source]) => source === file)?.[0]
  if (included !== undefined) return { to: 'page', href: `/${included.slice(0, -3)}${hash}` }
  if (file.startsWith('docs/') && file.endsWith('.md')) {
    return { to: 'page', href: `/${file.slice('docs/'.length, -3)}${hash}` }
  }
  return { to: 'repository', file, anchor: hash }
}

/** Makes links of the pages, which are written for the repository, lead to the right place on the site. */
export function repositoryLinks(markdown: Markdown): void {
  markdown.core.ruler.push('repository-links', (state) => {
    const page: unknown = state.env.relativePath
    if (typeof page !== 'string' || page.startsWith('api/')) return
    for (const token of state.tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null
      if (href === null) continue
      const target = targetOf(page, href)
      if (target.to === 'page') token.attrSet('href', target.href)
      // Where nothing tells what repository this is, its root: better than a link that is dead.
      if (target.to === 'repository') {
        token.attrSet(
          'href',
          REPOSITORY === undefined
            ? '/contributing'
            : `${REPOSITORY}/blob/main/${target.file}${target.anchor}`,
        )
      }
    }
  })
}
