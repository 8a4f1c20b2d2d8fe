import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, describe, expect, it } from 'vitest'
import { buildProgram } from '../src/program.ts'
import { codeBlocks, shellCommands, shellWords } from './code-blocks.ts'
import { CliProcess, makeWorkFolder, ROOT, runCli, silentIo } from './run-cli.ts'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
/** Every page but records of decisions, and the SDK's, which its own tests hold. */
const PAGES = globSync(
  [
    '*.md',
    'docs/**/*.md',
    'examples/*/README.md',
    'packages/cli/templates/*/README.md',
    '.changeset/README.md',
  ],
  { cwd: ROOT, exclude: ['docs/api/**', 'docs/decisions/**'] },
).map((page) => page.replaceAll('\\', '/'))
/** Languages whose blocks are parts of files that tests run. */
const QUOTED = new Set(['ts', 'js', 'java', 'py', 'yaml', 'Dockerfile'])
const blocks = PAGES.flatMap((page) => codeBlocks(read(page)).map((block) => ({ page, ...block })))

/** All commands of a program, those below others too. */
function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)]
}

describe('the documentation', () => {
  it('quotes files as they are', () => {
    const quotes = blocks.filter(({ language }) => QUOTED.has(language))
    expect(quotes.length).toBeGreaterThan(5)
    for (const { page, line, info, text } of quotes) {
      const file = /^title=(\S+)$/.exec(info)?.[1]
      expect(file, `${page}:${line} names no file: \`\`\`ts title=<file>`).toBeDefined()
      expect(read(file!), `${page}:${line} is no part of ${file}`).toContain(text)
    }
  })

  it('shows JSON that is JSON', () => {
    const documents = blocks.filter(({ language }) => language === 'json')
    expect(documents.length).toBeGreaterThan(1)
    for (const { page, line, text } of documents) {
      expect(() => JSON.parse(text), `${page}:${line}`).not.toThrow()
    }
  })

  it('shows commands and options that exist', async () => {
    const commands = blocks
      .filter(({ language }) => language === 'sh')
      .flatMap((block) => shellCommands(block.text).map((command) => ({ ...block, command })))
    expect(commands.length).toBeGreaterThan(40)
    for (const { page, line, command } of commands) {
      const [name = '', ...args] = shellWords(command)
      if (name === 'statefun') {
        const program = buildProgram(silentIo)
        for (const each of allCommands(program)) each.action(() => undefined).exitOverride()
        await expect(
          program.parseAsync(args, { from: 'user' }),
          `${page}:${line} ${command}`,
        ).resolves.toBeDefined()
      } else if (name === 'npm') {
        const manifest = JSON.parse(read(join(manifestFolder(page), 'package.json')))
        const script = args[0] === 'run' ? args[1]! : args[0]!
        const known = ['ci', 'install', ...Object.keys(manifest.scripts)]
        expect(known, `${page}:${line} ${command}`).toContain(script)
      } else {
        expect(['cd'], `${page}:${line} ${command}`).toContain(name)
      }
    }
  })

  it('describes every option of every command', () => {
    const page = read('docs/cli.md')
    for (const command of allCommands(buildProgram(silentIo))) {
      if (command.name() === 'statefun' || command.name() === 'dev-engine') continue
      const parent = command.parent?.name() ?? ''
      const heading = parent === 'statefun' ? command.name() : parent
      const section = new RegExp(
        `^## [^\\n]*\\b${heading}\\b[^\\n]*\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`,
        'm',
      ).exec(page)?.[1]
      expect(section, `docs/cli.md has no section "${heading}"`).toBeDefined()
      const prose = section!.replaceAll(/^```[\s\S]*?^```/gm, '')
      for (const option of command.options) {
        if (option.long !== '--verbose' && !option.hidden)
          expect(prose, `${heading} ${option.long}`).toContain(option.long)
      }
    }
  })

  it('links to files that exist', () => {
    for (const page of PAGES) {
      for (const [, target = ''] of read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        expect(existsSync(join(ROOT, dirname(page), target)), `${page}: ${target}`).toBe(true)
      }
    }
  })

  it('shows in the README what npm start prints', () => {
    const output = execFileSync(process.execPath, [join(ROOT, 'examples/start.ts')], { encoding: 'utf8' })
    const shown = blocks.find(({ page, language }) => page === 'README.md' && language === 'text')
    expect(shown?.text).toBe(output.trimEnd())
  })
})

describe('getting started', () => {
  const work = makeWorkFolder()
  let dev: CliProcess | undefined
  afterAll(async () => {
    await dev?.stop()
    work.remove()
  })

  it('goes as it says', { timeout: 30_000 }, async () => {
    const page = blocks.filter((block) => block.page === 'docs/getting-started.md')
    const run = page.findIndex(({ info }) => info === 'run')
    await runCli(['init', 'my-app'], { cwd: work.path })
    const app = join(work.path, 'my-app')
    const config = join(app, 'statefun.config.ts')
    // A free port in place of the default one, for the engine and its clients alike.
    dev = new CliProcess(['dev', '--admin-port', '0', '--no-reload'], app)
    const [, port] = await dev.waitFor(/admin: +http:\S+:(\d+)/)
    writeFileSync(
      config,
      readFileSync(config, 'utf8').replace('  functions', `  admin: { port: ${port} },\n  functions`),
    )
    let output = ''
    for (const command of shellCommands(page[run]!.text)) {
      const outcome = await runCli(shellWords(command).slice(1), { cwd: app })
      expect(outcome.stderr).toBe('')
      output += outcome.stdout
    }
    expect(output.trimEnd()).toBe(page[run + 1]!.text)
  })
})

function manifestFolder(page: string): string {
  if (page === 'docs/getting-started.md') return 'packages/cli/templates/app'
  return page.startsWith('docs/') ? '.' : dirname(page)
}
