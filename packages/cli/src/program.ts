import { Command } from 'commander'
import { checkpointCommand } from './commands/checkpoint.ts'
import { deployCommand } from './commands/deploy/deploy.ts'
import { devCommand, devEngineCommand } from './commands/dev.ts'
import { e2eCommand } from './commands/e2e.ts'
import { imageCommand } from './commands/image.ts'
import { initCommand } from './commands/init.ts'
import { parkedCommand, redriveCommand } from './commands/redrive.ts'
import { runCommand } from './commands/run.ts'
import { savepointCommand } from './commands/savepoint.ts'
import { sendCommand } from './commands/send.ts'
import { examples } from './commands/shared-options.ts'
import { stateCommand } from './commands/state.ts'
import { tailCommand } from './commands/tail.ts'
import { validateCommand } from './commands/validate.ts'
import { EXIT_HELP } from './exit-code.ts'
import type { Io } from './io.ts'
import { configure, parseAndRun } from './parse-and-run.ts'
import { VERSION } from './version.ts'

/**
 * Runs the `statefun` command.
 *
 * @param args without the program's own name
 * @returns the exit code
 */
export async function runProgram(args: readonly string[], io: Io): Promise<number> {
  return await parseAndRun(buildProgram(io), args, io)
}

/** All commands, with their options, help and examples. */
export function buildProgram(io: Io): Command {
  const program = new Command('statefun')
    .description('Stateful functions: develop, run and look into an app.')
    .version(VERSION)
    .addCommand(initCommand(io))
    .addCommand(devCommand(io))
    .addCommand(devEngineCommand(), { hidden: true })
    .addCommand(runCommand(io))
    .addCommand(validateCommand(io))
    .addCommand(deployCommand(io))
    .addCommand(e2eCommand(io))
    .addCommand(sendCommand(io))
    .addCommand(tailCommand(io))
    .addCommand(stateCommand(io))
    .addCommand(parkedCommand(io))
    .addCommand(redriveCommand(io))
    .addCommand(checkpointCommand(io))
    .addCommand(savepointCommand(io))
    .addCommand(imageCommand(io))
    .addHelpText('after', `\n${EXIT_HELP}`)
  examples(
    program,
    'statefun init my-app',
    'statefun dev',
    `statefun send greetings.in -k alice -v '{"name":"Alice"}'`,
  )
  configure(program, io)
  return program
}
