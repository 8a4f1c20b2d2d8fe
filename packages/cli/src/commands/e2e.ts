import { dirname, relative, resolve } from 'node:path'
import type { EngineName } from '@statefun/gate'
import type { RunRequest } from '@statefun/gate/run'
import { nearestName, StatefunError } from '@statefun/protocol'
import { Command, InvalidArgumentError, Option } from 'commander'
import { EXIT, ExitCode } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { type LoadedConfig, loadConfig } from '../load-config.ts'
import { printError } from '../output/print-error.ts'
import { configOption, examples } from './shared-options.ts'

interface E2eOptions {
  readonly config?: string
  readonly root?: string
  readonly topology: RunRequest['topology']
  readonly engine: EngineName | 'both' | 'auto'
  readonly tags?: string
  readonly excludeTags?: string
  readonly lastFailed?: boolean
  readonly keep?: boolean
  readonly stop?: boolean
  readonly json?: string
  readonly junit?: string
  readonly report?: string
}

const TOPOLOGIES = ['auto', 'embedded', 'process', 'kind'] as const
const ENGINES = ['auto', 'embedded', 'flink', 'both'] as const

/** `statefun e2e`: the app's end-to-end tests. */
export function e2eCommand(io: Io): Command {
  const command = new Command('e2e')
    .summary('run the end-to-end tests of the app')
    .description(
      'Starts the app with what it needs, runs the tests in e2e/**/*.e2e.ts against it, and ends everything.\n' +
        'Topology "embedded" is in-process and needs Node alone; "process" has a real Kafka, Kinesis and S3, on the embedded\n' +
        'engine and on Flink, and needs Java and Python; "kind" is a Kubernetes cluster. The last line is "N passed, N failed".\n' +
        'Exits with 0 when all tests passed, 1 when some failed, 2 when it could not begin.',
    )
    .argument('[files...]', 'parts of names of test files (default: all)')
    .addOption(configOption())
    .option('--root <folder>', 'folder that e2e/ is in (default: that of the configuration)')
    .addOption(
      oneOf('--topology <name>', TOPOLOGIES, 'process where the machine has what it needs, else embedded'),
    )
    .addOption(oneOf('--engine <name>', ENGINES, 'all engines of the topology'))
    .addOption(
      new Option('--tags <expression>', 'only tests with these tags: "kafka and not chaos"').env(
        'STATEFUN_E2E_TAGS',
      ),
    )
    .addOption(
      new Option('--exclude-tags <expression>', 'no tests with these tags').env('STATEFUN_E2E_EXCLUDE_TAGS'),
    )
    .option('--last-failed', 'only tests that failed when they were last run')
    .option('--keep', 'leave everything running and say how to reach it')
    .option('--stop', 'end what --keep left running, and run nothing')
    .option('--json <file>', 'write the report as JSON')
    .option('--junit <file>', 'write the report as JUnit XML')
    .option('--report <folder>', 'folder of evidence and HTML page (default: one below .statefun/e2e/runs)')
    .action(async (files: readonly string[], options: E2eOptions) => {
      const config = await loadConfig(io.cwd, options.config)
      const root = options.root === undefined ? config.folder : resolve(io.cwd, options.root)
      const code = await (options.stop
        ? stopKept(io, root)
        : run(io, requestOf(io, root, config, files, options), command.parent?.args ?? []))
      if (code !== EXIT.ok) throw new ExitCode(code)
    })
  return examples(
    command,
    'statefun e2e',
    'statefun e2e --topology embedded counter',
    'statefun e2e --tags "kafka and not chaos" --engine flink --junit junit.xml',
    'statefun e2e --keep && statefun e2e --stop',
  )
}

/** An option with few values, which names the nearest of a wrong one. */
function oneOf(flags: string, values: readonly string[], automatic: string): Option {
  return new Option(flags, values.slice(1).join(', '))
    .argParser((text: string) => {
      if (values.includes(text)) return text
      const nearest = nearestName(text, values)
      throw new InvalidArgumentError(
        nearest === undefined ? `It is one of ${values.join(', ')}.` : `Did you mean "${nearest}"?`,
      )
    })
    .default('auto', automatic)
}

function requestOf(
  io: Io,
  root: string,
  { config, file, module }: LoadedConfig,
  files: readonly string[],
  options: E2eOptions,
): RunRequest {
  const { topology, engine, tags, excludeTags, lastFailed = false, keep = false } = options
  const path = (name: 'json' | 'junit' | 'report') => {
    const given = options[name]
    return given === undefined ? {} : { [name]: resolve(io.cwd, given) }
  }
  return {
    app: { name: config.app, folder: root, config: file, module, tags: config.e2e?.tags ?? {} },
    topology,
    engines: engine === 'auto' ? 'auto' : engine === 'both' ? ['embedded', 'flink'] : [engine],
    // An empty variable of the environment, as a workflow's unset input leaves it, is none.
    ...(tags ? { tags } : {}),
    ...(excludeTags ? { excludeTags } : {}),
    files,
    lastFailed,
    keep,
    ...path('json'),
    ...path('junit'),
    ...path('report'),
  }
}

async function run(io: Io, request: RunRequest, args: readonly string[]): Promise<number> {
  // The gate brings clients and Vitest along, which no other command shall wait for.
  const { functionImageCheck, kindObserver, operatorLogCheck, RunReporter, runGate } = await import(
    '@statefun/gate/run'
  )
  const where = relative(io.cwd, dirname(request.app.config))
  const named = where === '' ? '' : ` --config ${relative(io.cwd, request.app.config)}`
  const reporter = new RunReporter({
    stdout: io.stdout,
    stderr: io.stderr,
    command: ['statefun', ...args].join(' '),
    cwd: io.cwd,
    stopCommand: `statefun e2e --stop${named}`,
    stepSummary: process.env.GITHUB_STEP_SUMMARY,
  })
  try {
    const observers = [reporter, operatorLogCheck(), functionImageCheck(), kindObserver()]
    return (await runGate(request, { observers, signal: io.signal })).exitCode
  } catch (error) {
    printError(io.stderr, error, false)
    return EXIT.usage
  }
}

async function stopKept(io: Io, root: string): Promise<number> {
  const { KeptStages } = await import('@statefun/gate/run')
  const stages = KeptStages.of(root)
  const kept = stages.list()
  if (kept.length === 0) {
    throw new StatefunError('SF_CLI_E2E_NOTHING_KEPT', 'nothing was left running', { where: root })
  }
  for (const record of kept) {
    await stages.stop(record)
    io.stdout.write(`ended process ${record.pid} and all it held\n`)
  }
  return EXIT.ok
}
