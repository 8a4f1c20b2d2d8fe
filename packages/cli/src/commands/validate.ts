import { relative, resolve } from 'node:path'
import {
  formatProblem,
  type ModuleProblem,
  type ModuleTarget,
  readModuleText,
  validateModule,
} from '@statefun/engine'
import { Command, Option } from 'commander'
import { EXIT, ExitCode } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { style } from '../output/style.ts'
import { configOption, examples, optionalConfig } from './shared-options.ts'

interface ValidateOptions {
  readonly for: ModuleTarget | 'flink'
  readonly json?: boolean
  readonly strict?: boolean
  readonly config?: string
}

/** `statefun validate`: checks a module.yaml without running anything. */
export function validateCommand(io: Io): Command {
  const command = new Command('validate')
    .summary('check a module.yaml')
    .description(
      'Checks a module.yaml, for the embedded engine or for what Flink will refuse, ignore or do differently.\n' +
        'Exits with 0 when there is no error (warnings are allowed, unless --strict), else with 3.',
    )
    .argument('[file]', 'module.yaml (default: the one of the configuration, else ./module.yaml)')
    .addOption(
      new Option('--for <engine>', 'flink is both Apache Flink StateFun and the kzm continuation')
        .choices(['embedded', 'flink', 'flink-apache', 'flink-kzm'])
        .default('embedded'),
    )
    .option('--json', 'one JSON object: valid, errors, warnings, problems')
    .option('--strict', 'count warnings as errors')
    .addOption(configOption())
    .action(async (file: string | undefined, options: ValidateOptions) => {
      const config =
        file === undefined || options.config !== undefined
          ? await optionalConfig(io.cwd, options.config)
          : undefined
      const path =
        file === undefined ? (config?.module ?? resolve(io.cwd, 'module.yaml')) : resolve(io.cwd, file)
      const name = relative(io.cwd, path) || path
      const problems = validateModule(await readModuleText(path), {
        file: name.startsWith('..') ? path : name,
        target: options.for,
        functions: (config?.config.functions ?? []).map((fn) => fn.typename),
      })
      report(io, name, problems, options)
    })
  return examples(
    command,
    'statefun validate',
    'statefun validate deploy/module.yaml --for flink',
    'statefun validate --for flink-kzm --json',
  )
}

function report(io: Io, name: string, problems: readonly ModuleProblem[], options: ValidateOptions): void {
  const errors = problems.filter((problem) => problem.severity === 'error').length
  const warnings = problems.length - errors
  const valid = errors === 0 && (warnings === 0 || options.strict !== true)
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ valid, errors, warnings, problems })}\n`)
  } else {
    const color = io.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === ''
    for (const problem of problems) io.stdout.write(`${formatProblem(problem, { color })}\n\n`)
    const counts = `${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
    const verdict = valid ? style(io.stdout, 'green', 'valid') : style(io.stdout, 'red', 'not valid')
    io.stdout.write(`${name}: ${verdict} for ${options.for} (${counts})\n`)
  }
  if (!valid) throw new ExitCode(EXIT.module)
}
