import { StatefunError } from '@statefun/protocol'
import { type Command, CommanderError } from 'commander'
import { EXIT, ExitCode, exitCodeOf } from './exit-code.ts'
import type { Io } from './io.ts'
import { printError } from './output/print-error.ts'

/**
 * Runs a program, and prints what it throws.
 *
 * @param args without the program's own name
 * @returns the exit code
 */
export async function parseAndRun(program: Command, args: readonly string[], io: Io): Promise<number> {
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

/** Lets a program and all commands below it write to the streams of `io`, and throw where they would end the process. */
export function configure(command: Command, io: Io): void {
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
