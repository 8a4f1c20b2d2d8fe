import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import { Command } from 'commander'
import type { Io } from '../io.ts'
import { style } from '../output/style.ts'
import { VERSION } from '../version.ts'
import { examples } from './shared-options.ts'

const TEMPLATE = join(import.meta.dirname, '..', '..', 'templates', 'app')

/** `statefun init`: makes a new app that runs. */
export function initCommand(io: Io): Command {
  const command = new Command('init')
    .summary('make a new app that runs')
    .description(
      'Makes a folder with an app that runs: a function, its module.yaml, a configuration and tests.',
    )
    .argument('<dir>', 'folder to make; its name becomes the name of the app')
    .action(async (dir: string) => {
      const target = resolve(io.cwd, dir)
      const name = basename(target)
      const files = await scaffold(target, name)
      const where = relative(io.cwd, target) || '.'
      io.stdout.write(
        `${style(io.stdout, 'green', 'made')} ${name}: ${files.join(', ')}\n\n` +
          `Next:\n  cd ${where}\n  npm install\n  npm test\n  npm run dev\n`,
      )
    })
  return examples(command, 'statefun init my-app', 'cd my-app && npm install && npm run dev')
}

/**
 * Writes the app's files.
 *
 * @returns their names
 * @throws StatefunError `SF_CLI_NAME` for a folder whose name no package can have, `SF_CLI_NOT_EMPTY`
 */
export async function scaffold(target: string, name: string): Promise<string[]> {
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name)) {
    throw new StatefunError('SF_CLI_NAME', `"${name}" cannot be the name of an app`, {
      hint: 'use lower-case letters, digits, "-", "_" and ".", such as my-app',
    })
  }
  const present = await readdir(target).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw new StatefunError('SF_CLI_NOT_EMPTY', `cannot write to ${target}: ${cause.message}`, { cause })
  })
  if (present.length > 0) {
    throw new StatefunError(
      'SF_CLI_NOT_EMPTY',
      `the folder is not empty: ${present.slice(0, 3).join(', ')}`,
      {
        where: target,
        hint: 'name a folder that does not exist yet',
      },
    )
  }
  await mkdir(target, { recursive: true })
  await cp(TEMPLATE, target, { recursive: true })
  // npm would leave out or rename a .gitignore within a package.
  await rename(join(target, 'gitignore'), join(target, '.gitignore'))
  const entries = await readdir(target, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  for (const path of paths) {
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replaceAll('my-app', name).replaceAll('0.0.0-template', VERSION))
  }
  return paths.map((path) => relative(target, path)).sort()
}
