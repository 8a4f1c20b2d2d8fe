import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StatefunError } from '@statefun/protocol'

/**
 * Path of the `statefun` program that an app has installed.
 *
 * @param folder of the app
 * @throws StatefunError `SF_GATE_NO_CLI`
 */
export function statefunProgram(folder: string): string {
  try {
    const manifest = findPackageJSON('@statefun/cli', pathToFileURL(`${folder}/`))
    const { bin } = JSON.parse(readFileSync(manifest ?? '', 'utf8')) as {
      readonly bin: { readonly statefun: string }
    }
    return resolve(dirname(manifest ?? ''), bin.statefun)
  } catch (cause) {
    throw new StatefunError('SF_GATE_NO_CLI', 'the app has no "statefun" command to run it with', {
      where: folder,
      hint: 'npm install --save-dev @statefun/cli',
      cause,
    })
  }
}
