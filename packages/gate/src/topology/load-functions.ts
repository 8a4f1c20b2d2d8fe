import { pathToFileURL } from 'node:url'
import { type InvocableFunction, StatefunError } from '@statefun/protocol'
import type { AppUnderTest } from './topology.ts'

/**
 * The functions of an app, from the export `config` of its configuration, in this process.
 *
 * @throws StatefunError `SF_CONFIG_LOAD` when the module cannot be imported
 */
export async function loadFunctions(app: AppUnderTest): Promise<readonly InvocableFunction[]> {
  try {
    const module: unknown = await import(pathToFileURL(app.config).href)
    const { config } = module as { readonly config?: { readonly functions?: readonly InvocableFunction[] } }
    return config?.functions ?? []
  } catch (cause) {
    throw new StatefunError(
      'SF_CONFIG_LOAD',
      `the app cannot be loaded: ${StatefunError.from(cause).message}`,
      {
        where: app.config,
        cause,
      },
    )
  }
}
