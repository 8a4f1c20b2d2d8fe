import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { StatefunError } from '@statefun/protocol'
import type { PythonRequirement } from './python-packages.ts'

const run = promisify(execFile)
const TIMEOUT_MS = 600_000

/** Requirements in pip's format, each with the hashes that it has. */
export function requirementsFile(requirements: readonly PythonRequirement[]): string {
  return requirements
    .map(({ requirement, sha256 = [] }) => {
      const hashes = typeof sha256 === 'string' ? [sha256] : sha256
      return `${[requirement, ...hashes.map((hash) => `--hash=sha256:${hash}`)].join(' ')}\n`
    })
    .join('')
}

/**
 * Runs `pip install` or `pip download` for exactly these files, without their dependencies.
 *
 * @param folder where the requirements file is put
 * @throws StatefunError `SF_GATE_PIP` with pip's own words
 */
export async function pip(
  python: string,
  args: readonly string[],
  requirements: readonly PythonRequirement[],
  folder: string,
): Promise<void> {
  const file = join(folder, 'requirements.txt')
  await writeFile(file, requirementsFile(requirements))
  const [command = 'install', ...options] = args
  const hashed = requirements.every(({ sha256 }) => sha256 !== undefined)
  try {
    await run(
      python,
      [
        '-m',
        'pip',
        command,
        '--quiet',
        '--no-deps',
        ...(hashed ? ['--require-hashes'] : []),
        ...options,
        '-r',
        file,
      ],
      { timeout: TIMEOUT_MS },
    )
  } catch (cause) {
    const { stderr }: { stderr?: unknown } = typeof cause === 'object' && cause !== null ? cause : {}
    throw new StatefunError('SF_GATE_PIP', `pip could not ${command} Python packages`, {
      ...(typeof stderr === 'string' && stderr !== '' ? { excerpt: stderr.trimEnd() } : {}),
      hint: 'check the network, and that pip is there: python3 -m pip --version (Debian, Ubuntu: apt install python3-pip)',
      cause,
    })
  }
}

/** What `python --version` says. @throws StatefunError `SF_GATE_NO_PYTHON` */
export async function pythonVersion(python: string): Promise<string> {
  try {
    return (await run(python, ['--version'])).stdout.trim()
  } catch (cause) {
    throw new StatefunError('SF_GATE_NO_PYTHON', `there is no Python (${python})`, {
      hint: 'install Python 3.8 or newer with pip (Debian, Ubuntu: apt install python3 python3-pip; macOS: brew install python)',
      cause,
    })
  }
}
