import { runTool } from '../run-tool.ts'
import type { Step } from './step.ts'

/**
 * A step that is the run of an installed program, passed when it exits with 0.
 *
 * @param args given whether the program may colour its output
 */
export function toolStep(
  name: string,
  packageName: string,
  bin: string,
  args: (color: boolean) => readonly string[],
): Step {
  return {
    name,
    async run(color) {
      const { code, output } = await runTool(packageName, bin, args(color), { color })
      return code === 0
        ? { summary: '', findings: [] }
        : { summary: `${bin} exited with ${code}`, findings: [], failure: output }
    },
  }
}
