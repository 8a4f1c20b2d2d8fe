import { join } from 'node:path'
import { Command } from 'commander'
import { runCommand } from './commands/run.ts'
import { defineConfig, type StatefunConfig } from './config.ts'
import { CONFIG_FILE, completeConfig } from './load-config.ts'
import { configure, parseAndRun } from './parse-and-run.ts'
import { exitWith, processIo } from './process-io.ts'

/**
 * Runs an app as `statefun run` does, where its configuration comes from a bundle and not from a file: in an image that
 * `statefun image build --of engine` makes. Takes that command's arguments (`run --module …`) from the command line, prints
 * what goes wrong, and ends the process.
 *
 * @param config relative paths in it start from the working directory
 */
export async function runBundled(config: StatefunConfig): Promise<void> {
  const io = processIo('')
  const program = new Command('statefun').description('The engine of one app.')
  program.addCommand(runCommand(io, completeConfig(defineConfig(config), join(io.cwd, CONFIG_FILE))), {
    isDefault: true,
  })
  configure(program, io)
  exitWith(await parseAndRun(program, process.argv.slice(2), io))
}
