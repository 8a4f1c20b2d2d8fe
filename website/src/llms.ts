import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DOCS, GUIDE, titleOf } from './sidebar.ts'

const ABOUT = `# Stateful Functions for TypeScript

> Stateful, exactly-once event processing on Kafka and Kinesis: functions with an address, a state and messages between them, in one Node
> process (embedded engine) or on Apache Flink Stateful Functions. npm packages @statefun/sdk, @statefun/cli.
`

/**
 * Writes `llms.txt` (the pages, each with what its first paragraph says) and `llms-full.txt` (all of their text) into the
 * built site, as llmstxt.org has it.
 *
 * @param base of the site, with slashes at both ends
 */
export function writeLlms(dist: string, base: string): void {
  const groups = Object.entries(GUIDE).map(([group, pages]) => {
    const lines = pages.map((page) => `- [${titleOf(page)}](${base}${page}): ${summary(textOf(page))}`)
    return `## ${group}\n\n${lines.join('\n')}\n`
  })
  writeFileSync(join(dist, 'llms.txt'), `${ABOUT}\n${groups.join('\n')}`)
  const texts = Object.values(GUIDE).flatMap((pages) => pages.map(textOf))
  writeFileSync(join(dist, 'llms-full.txt'), `${ABOUT}\n${texts.join('\n\n---\n\n')}`)
}

/** A page's Markdown, with what it includes and without its front matter. */
function textOf(page: string): string {
  const file = join(DOCS, `${page}.md`)
  return readFileSync(file, 'utf8')
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .replaceAll(/<!--@include: (\S+?)-->/g, (_all, path: string) =>
      readFileSync(join(file, '..', path), 'utf8'),
    )
    .trim()
}

/** The first sentence after the title. */
function summary(text: string): string {
  const paragraph = text.split('\n\n').find((part) => !/^[#`|<-]/.test(part)) ?? ''
  return /^[\s\S]*?[.:](?=\s|$)/.exec(paragraph.replaceAll('\n', ' '))?.[0].replace(/:$/, '.') ?? ''
}
