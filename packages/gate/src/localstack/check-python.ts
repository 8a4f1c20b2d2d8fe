import { StatefunError } from '@statefun/protocol'
import { pythonVersion } from '../python/pip.ts'

/** The oldest minor release of Python 3 that all packages of LocalStack work with. */
const OLDEST_PYTHON = 10

/**
 * Whether LocalStack works with this Python.
 *
 * @throws StatefunError `SF_GATE_NO_PYTHON`, `SF_GATE_PYTHON_VERSION`
 */
export async function checkPython(python: string): Promise<void> {
  const version = await pythonVersion(python)
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version) ?? []
  if (Number(major) === 3 && Number(minor) >= OLDEST_PYTHON) return
  throw new StatefunError(
    'SF_GATE_PYTHON_VERSION',
    `LocalStack needs Python 3.${OLDEST_PYTHON} or newer, ${python} is ${version}`,
    {
      hint: 'install a newer one (Debian, Ubuntu: apt install python3 python3-pip; macOS: brew install python), or name it (python)',
    },
  )
}
