import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StatefunError } from '@statefun/protocol'

/** Vitest's own API. */
export type VitestNode = typeof import('vitest/node')

const LEAST_MAJOR = 5

/**
 * Vitest as the app has it: its tests and the gate must share one.
 *
 * @param folder of the app
 * @throws StatefunError `SF_GATE_NO_VITEST` when it is not installed, `SF_GATE_VITEST_VERSION` when it is too old
 */
export async function loadVitest(folder: string): Promise<VitestNode> {
  const require = createRequire(join(folder, 'package.json'))
  let path: string
  let version: string
  try {
    path = require.resolve('vitest/node')
    version = (require('vitest/package.json') as { readonly version: string }).version
  } catch (cause) {
    throw new StatefunError('SF_GATE_NO_VITEST', 'Vitest, which runs the tests, is not installed', {
      where: folder,
      hint: `run: npm install --save-dev vitest@${LEAST_MAJOR}`,
      cause,
    })
  }
  if (Number(version.split('.')[0]) < LEAST_MAJOR) {
    throw new StatefunError('SF_GATE_VITEST_VERSION', `Vitest ${version} is too old to run the tests`, {
      where: path,
      hint: `run: npm install --save-dev vitest@${LEAST_MAJOR}`,
    })
  }
  return (await import(pathToFileURL(path).href)) as VitestNode
}
