import { formatProblem, type ModuleDefinition, readModuleFile } from '@statefun/engine'
import type { TextStream } from './io.ts'

/**
 * Reads the module.yaml of an app and prints its warnings.
 *
 * @param functions served in this process; they need no endpoint
 * @throws StatefunError `SF_MODULE_…`
 */
export async function readModule(
  stderr: TextStream,
  path: string,
  functions: readonly { readonly typename: string }[] = [],
): Promise<ModuleDefinition> {
  return await readModuleFile(path, {
    functions: functions.map((fn) => fn.typename),
    onWarning: (problem) =>
      void stderr.write(
        `${formatProblem(problem, { color: stderr.isTTY === true && !process.env.NO_COLOR })}\n`,
      ),
  })
}
