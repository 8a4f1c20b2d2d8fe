import { runSteps, textScreen } from '../check/run-steps.ts'
import type { Step, StepResult } from '../check/step.ts'
import { runShell } from '../run-tool.ts'
import { ROOT } from '../workspace.ts'
import { actionlint } from './actionlint.ts'
import { containerEngine } from './container-engine.ts'
import { RUN_COMMANDS } from './run-commands.ts'
import { readWorkflows } from './workflow-files.ts'
import { checkWorkflows } from './workflow-rules.ts'

// `npm run release:rehearse`: the release pipeline as far as it goes without the hosted service, by the commands that stand
// in the workflows. `npm run release:rehearse -- workflows packages` rehearses only these steps.

const workflows = readWorkflows(ROOT)

const steps: readonly Step[] = [
  {
    name: 'workflows',
    async run() {
      const findings = checkWorkflows(workflows)
      const files = workflows.map(({ file }) => file).filter((file) => file.includes('/workflows/'))
      const failure = await actionlint(files)
      const commands = Object.keys(RUN_COMMANDS).length
      return {
        summary: `${files.length} workflows, ${commands} commands`,
        findings,
        ...(failure === '' ? {} : { failure }),
      }
    },
  },
  commandsOf('plan'),
  commandsOf('packages'),
  commandsOf('site'),
  {
    name: 'images',
    async run(color) {
      const engine = await containerEngine()
      if (engine === undefined)
        return { summary: 'not rehearsed: no container engine answers here', findings: [] }
      return await commandsOf('images').run(color)
    },
  },
  commandsOf('gate'),
]

/** The commands of the workflows that belong to a step, in the order in which they stand there. */
function commandsOf(name: string): Step {
  return {
    name,
    async run() {
      const commands = new Set(
        workflows
          .flatMap(({ steps: own }) => own.map(({ run }) => run?.trim() ?? ''))
          .filter((command) => {
            const rehearsal = RUN_COMMANDS[command]
            return rehearsal?.by === 'rehearsal' && rehearsal.step === name
          }),
      )
      return await runAll([...commands])
    },
  }
}

async function runAll(commands: readonly string[]): Promise<StepResult> {
  let last = ''
  for (const command of commands) {
    const { code, output } = await runShell(command)
    if (code !== 0)
      return { summary: command, findings: [], failure: `${command} ended with ${code}\n${output}` }
    last = output.trimEnd().split('\n').at(-1) ?? ''
  }
  return { summary: `${commands.length} commands; the last said: ${last}`, findings: [] }
}

const words = process.argv.slice(2)
const chosen = steps.filter(({ name }) => words.length === 0 || words.includes(name))
const unknown = words.filter((word) => !steps.some(({ name }) => name === word))
if (unknown.length > 0) {
  process.stderr.write(
    `no step is named ${unknown.join(', ')}; there are: ${steps.map(({ name }) => name).join(', ')}\n`,
  )
  process.exit(2)
}
const terminal = process.stdout.isTTY === true && process.env.NO_COLOR === undefined
const failed = await runSteps(
  chosen,
  terminal,
  textScreen((text) => process.stdout.write(text), terminal),
)
process.stdout.write(
  failed.length === 0
    ? `rehearsal passed: ${chosen.length} steps\n`
    : `rehearsal FAILED: ${failed.join(', ')} (${failed.length} of ${chosen.length} steps)\n`,
)
process.exitCode = failed.length === 0 ? 0 : 1
