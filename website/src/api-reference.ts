import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Application, Logger, LogLevel, OptionDefaults } from 'typedoc'
import { DOCS } from './sidebar.ts'

const PACKAGES = join(DOCS, '..', 'packages')

/** Options of typedoc-plugin-markdown, which TypeDoc's own types do not know. */
const MARKDOWN = { entryFileName: 'index', hidePageHeader: true, hideBreadcrumbs: true, useCodeBlocks: true }

/** Packages that are programs, not libraries. */
const WITHOUT_API = new Set(['console'])

/**
 * Writes the API reference below docs/api, from the doc comments of every export.
 *
 * @returns what TypeDoc warned of: parameters that do not exist, tags it does not know
 */
export async function writeApiReference(): Promise<readonly string[]> {
  const out = join(DOCS, 'api')
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const warnings: string[] = []
  const names = readdirSync(PACKAGES)
    .filter((name) => !WITHOUT_API.has(name))
    .sort()
  for (const name of names) warnings.push(...(await document(name, join(out, name))))
  const list = names.map((name) => `- [\`@statefun/${name}\`](./${name}/)`).join('\n')
  writeFileSync(
    join(out, 'index.md'),
    `# API\n\nEvery export of every package, from its doc comment.\n\n${list}\n`,
  )
  return warnings
}

async function document(name: string, out: string): Promise<readonly string[]> {
  const application = await Application.bootstrapWithPlugins({
    name: `@statefun/${name}`,
    entryPoints: entryPoints(name),
    tsconfig: join(DOCS, '..', 'website', 'tsconfig.api.json'),
    plugin: ['typedoc-plugin-markdown'],
    // By default TypeDoc empties and fills ./docs.
    out,
    skipErrorChecking: true,
    readme: 'none',
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    // Links to what is not exported are for readers of the sources.
    validation: { notExported: false, invalidLink: false, notDocumented: false },
    // Written by buf into what it generates.
    blockTags: [...OptionDefaults.blockTags, '@generated'],
    logLevel: 'Warn',
    ...MARKDOWN,
  })
  const logger = new CollectingLogger()
  application.logger = logger
  const project = await application.convert()
  if (project === undefined)
    throw new Error(`TypeDoc cannot read @statefun/${name}\n${logger.lines.join('\n')}`)
  await application.generateOutputs(project)
  return logger.lines.map((line) => `@statefun/${name}: ${line}`)
}

function entryPoints(name: string): string[] {
  const manifest = JSON.parse(readFileSync(join(PACKAGES, name, 'package.json'), 'utf8')) as {
    readonly exports?: Readonly<Record<string, string>>
  }
  return Object.values(manifest.exports ?? {}).map((source) => join(PACKAGES, name, source))
}

/** Keeps warnings and errors, prints nothing. */
class CollectingLogger extends Logger {
  readonly lines: string[] = []

  override log(message: string, level: LogLevel): void {
    if (level >= LogLevel.Warn) this.lines.push(message)
  }
}
