import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The pages. */
export const DOCS = join(import.meta.dirname, '..', '..', 'docs')

interface Item {
  readonly text: string
  readonly link: string
}

/** A group of the sidebar. */
export interface Group {
  readonly text: string
  readonly collapsed?: boolean
  readonly items: readonly Item[]
}

/** Every page of the guide by its path below docs/, in the order in which they are read. */
export const GUIDE: Readonly<Record<string, readonly string[]>> = {
  Begin: ['getting-started', 'concepts', 'sdk-guide', 'testing', 'cli'],
  Wire: ['reference/module-yaml', 'kinesis'],
  Run: ['embedded-engine', 'exactly-once', 'checkpoints-in-s3', 'kubernetes', 'function-image', 'operations'],
  Prove: ['gate', 'chaos', 'simulator', 'performance'],
  Move: ['migrate-from-javascript', 'migrate-from-java'],
  Contribute: ['architecture', 'release-process'],
}

/** The sidebar: the guide, the decision records, the API. Titles are the pages' own. */
export function sidebar(): Group[] {
  const decisions = readdirSync(join(DOCS, 'decisions'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => item(`decisions/${name.slice(0, -3)}`))
  return [
    ...Object.entries(GUIDE).map(([text, pages]) => ({ text, items: pages.map(item) })),
    { text: 'Decisions', collapsed: true, items: decisions },
    { text: 'API', items: [{ text: 'All packages', link: '/api/' }] },
  ]
}

/** Title of a page: its first heading. @throws Error for a page without one */
export function titleOf(page: string): string {
  const title = /^# (.+)$/m.exec(readFileSync(join(DOCS, `${page}.md`), 'utf8'))?.[1]
  if (title === undefined) throw new Error(`docs/${page}.md has no heading`)
  return title.replaceAll('`', '')
}

function item(page: string): Item {
  return { text: titleOf(page), link: `/${page}` }
}
