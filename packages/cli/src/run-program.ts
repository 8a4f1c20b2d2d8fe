import { Command } from 'commander'
import { runCommand } from './commands/run.ts'
import type { Io } from './io.ts'
import { configure, parseAndRun } from './parse-and-run.ts'

/**
 * Runs `statefun run` without loading what the other commands need: an engine that restarts keeps its app waiting.
 *
 * @param args without the program's own name; the first one is `run`
 * @returns the exit code
 */
export async function runProgram(args: readonly string[], io: Io): Promise<number> {
  const program = new Command('statefun').addCommand(runCommand(io))
  configure(program, io)
  return await parseAndRun(program, args, io)
}
