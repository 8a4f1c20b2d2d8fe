import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DefaultTheme } from 'vitepress'

/** The pages. */
export const DOCS = join(import.meta.dirname, '..', '..', 'docs')

/** Every page of the guide by its path below docs/, in the order in which they are read. */
export const GUIDE: Readonly<Record<string, readonly string[]>> = {
  Begin: ['getting-started', 'concepts', 'sdk-guide', 'testing', 'cli'],
  Wire: ['reference/module-yaml', 'kinesis'],
  Run: ['embedded-engine', 'exactly-once', 'checkpoints-in-s3', 'kubernetes', 'function-image', 'operations'],
  Prove: ['gate', 'gate-smoke', 'chaos', 'simulator', 'performance'],
  Move: ['migrate-from-javascript', 'migrate-from-java'],
  Contribute: ['contributing', 'architecture', 'release-process', 'security'],
}

/** The sidebar: the guide, the decision records, the API. Titles are the pages' own. */
export function sidebar(): DefaultTheme.SidebarItem[] {
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

/** Pages whose own title is for readers of the repository. */
const TITLES: Readonly<Record<string, string>> = { 'sdk-guide': 'SDK guide' }

/** Pages that neither the guide nor a group of the sidebar has, and pages of the guide that are not there. */
export function unlistedPages(): readonly string[] {
  const listed = new Set([...Object.values(GUIDE).flat(), 'index'])
  const there = globSync('**/*.md', { cwd: DOCS, exclude: ['api/**', 'decisions/**'] }).map((file) =>
    file.replaceAll('\\', '/').slice(0, -3),
  )
  return [
    ...there
      .filter((page) => !listed.has(page))
      .map((page) => `docs/${page}.md is in no group of the sidebar`),
    ...[...listed].filter((page) => !there.includes(page)).map((page) => `docs/${page}.md does not exist`),
  ]
}

/** Title of a page: its first heading. @throws Error for a page without one */
export function titleOf(page: string): string {
  const file = join(DOCS, `${page}.md`)
  const source = readFileSync(file, 'utf8').replace(/^---\n[\s\S]*?\n---\n/, '')
  const text = source.replace(/^<!--@include: (\S+?)-->/, (_all, path: string) =>
    readFileSync(join(file, '..', path), 'utf8'),
  )
  const title = TITLES[page] ?? /^# (.+)$/m.exec(text)?.[1]
  if (title === undefined) throw new Error(`docs/${page}.md has no heading`)
  return title.replaceAll('`', '')
}

function item(page: string): DefaultTheme.SidebarItem {
  return { text: titleOf(page), link: `/${page}` }
}
