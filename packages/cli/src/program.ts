import { StatefunError } from '@statefun/protocol'
import { Command, CommanderError } from 'commander'
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
import { EXIT, EXIT_HELP, ExitCode, exitCodeOf } from './exit-code.ts'
import type { Io } from './io.ts'
import { printError } from './output/print-error.ts'
import { VERSION } from './version.ts'

/**
 * Runs the `statefun` command.
 *
 * @param args without the program's own name
 * @returns the exit code
 */
export async function runProgram(args: readonly string[], io: Io): Promise<number> {
  const program = buildProgram(io)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return EXIT.ok
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (error instanceof ExitCode) return error.code
    printError(io.stderr, error, args.includes('--verbose'))
    return exitCodeOf(StatefunError.from(error))
  }
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

function configure(command: Command, io: Io): void {
  command
    .exitOverride()
    .showHelpAfterError(`run "${pathOf(command)} --help" for how to use it`)
    .option('--verbose', 'with an error, also where in the code it happened')
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHasColors: () => io.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '',
      getErrHasColors: () => io.stderr.isTTY === true && (process.env.NO_COLOR ?? '') === '',
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
  for (const child of command.commands) configure(child, io)
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
