import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readManifest } from '../workspace.ts'

/**
 * What a version brings: the sections of the packages' changelogs, a sentence that several have once.
 *
 * @param folders of the packages
 */
export function releaseNotes(version: string, folders: readonly string[]): string {
  const bySentence = new Map<string, string[]>()
  for (const folder of folders) {
    const file = join(folder, 'CHANGELOG.md')
    const { name } = readManifest(folder)
    for (const sentence of existsSync(file) ? sentencesOf(readFileSync(file, 'utf8'), version) : []) {
      bySentence.set(sentence, [...(bySentence.get(sentence) ?? []), name])
    }
  }
  const lines = [...bySentence].map(([sentence, names]) => `- ${sentence} (${names.join(', ')})`)
  return lines.length === 0 ? 'No change that users notice.\n' : `${lines.join('\n')}\n`
}

/** The entries of a version in a changelog, without the hash of their commit and without those about dependencies. */
function sentencesOf(changelog: string, version: string): readonly string[] {
  const escaped = version.replaceAll('.', '\\.')
  const section =
    new RegExp(`^## ${escaped}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(changelog)?.[1] ?? ''
  return section
    .split(/^- /m)
    .slice(1)
    .map((entry) =>
      entry
        .replace(/\n### [\s\S]*$/, '')
        .replace(/^[0-9a-f]{7,}: /, '')
        .replaceAll(/\s*\n\s*/g, ' ')
        .trim(),
    )
    .filter((entry) => !/^Updated dependencies|^@statefun\//.test(entry))
}
