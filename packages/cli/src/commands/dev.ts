import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { Command } from 'commander'
import { EngineChild } from '../dev/engine-child.ts'
import { devFolder, runEngineProcess } from '../dev/engine-process.ts'
import type { FromEngine } from '../dev/messages.ts'
import { DevView } from '../dev/view.ts'
import { watchFolder } from '../dev/watch.ts'
import { ExitCode } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { findConfig } from '../load-config.ts'
import { style } from '../output/style.ts'
import { configOption, examples, wholeNumber } from './shared-options.ts'

interface DevOptions {
  readonly config?: string
  readonly adminPort?: number
  readonly watch: readonly string[]
  readonly reload: boolean
  readonly fresh?: boolean
}

/** `statefun dev`: the app while it is being written. */
export function devCommand(io: Io): Command {
  const command = new Command('dev')
    .summary('run the app on in-process topics and reload it on change')
    .description(
      'Runs the app with no broker: the Kafka topics of module.yaml live in the process.\n' +
        'When a source file or module.yaml changes, the app is reloaded; state and topics stay (in .statefun/dev).\n' +
        'Send records with "statefun send" from another terminal; what comes and goes is shown here.',
    )
    .addOption(configOption())
    .option('--admin-port <port>', 'port of the admin API, 0 for any free one', wholeNumber(0, 65_535))
    .option(
      '-w, --watch <folder>',
      'a further folder to watch; may be repeated',
      (path: string, all: readonly string[]) => [...all, path],
      [],
    )
    .option('--no-reload', 'do not reload on change')
    .option('--fresh', 'begin without the state and topics kept from before')
    .action((options: DevOptions) => develop(io, options))
  return examples(
    command,
    'statefun dev',
    'statefun dev --fresh --admin-port 0',
    `statefun send greetings.in --key alice --value '{"name":"Alice"}'   (in another terminal)`,
  )
}

/** The hidden command that `statefun dev` runs below itself. */
export function devEngineCommand(): Command {
  return new Command('dev-engine')
    .requiredOption('--config <file>')
    .option('--admin-port <port>', '', wholeNumber(0, 65_535))
    .action(async (options: { readonly config: string; readonly adminPort?: number }) => {
      const code = await runEngineProcess({ config: options.config, adminPort: options.adminPort })
      if (code !== 0) throw new ExitCode(code)
    })
}

async function develop(io: Io, options: DevOptions): Promise<void> {
  const file = findConfig(io.cwd, options.config)
  const folder = dirname(file)
  if (options.fresh === true) await rm(devFolder(folder), { recursive: true, force: true })
  const view = new DevView(io.stdout)
  const session = new DevSession(io, view, file, options.adminPort)
  session.start()
  const unwatch = options.reload
    ? [folder, ...options.watch.map((path) => resolve(io.cwd, path))].map((watched) =>
        watchFolder(watched, (paths) => void session.reload(paths)),
      )
    : []
  if (!io.signal.aborted) await once(io.signal, 'abort')
  for (const end of unwatch) end()
  await session.stop()
  view.close()
  view.print('stopped; state and topics are kept for the next time')
}

/** One app in development: an engine's process, replaced on every change. */
class DevSession {
  readonly #io: Io
  readonly #view: DevView
  readonly #file: string
  #adminPort: number | undefined
  #child: EngineChild | undefined
  #turn: Promise<void> = Promise.resolve()
  #introduced = false
  #stopped = false

  constructor(io: Io, view: DevView, file: string, adminPort: number | undefined) {
    this.#io = io
    this.#view = view
    this.#file = file
    this.#adminPort = adminPort
  }

  start(): void {
    this.#view.status('starting')
    const port = this.#adminPort === undefined ? [] : ['--admin-port', String(this.#adminPort)]
    this.#child = new EngineChild(
      this.#io.program,
      ['dev-engine', '--config', this.#file, ...port],
      dirname(this.#file),
      {
        message: (message) => this.#heard(message),
        printed: (line) => this.#view.print(`${style(this.#io.stdout, 'dim', '|')} ${line}`),
        ended: () => {
          this.#child = undefined
          this.#view.print(style(this.#io.stdout, 'yellow', 'not running; save a change to start it again'))
          this.#view.status('not running')
        },
      },
    )
  }

  /** Replaces the process; changes that come meanwhile wait for it. */
  reload(paths: readonly string[]): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      if (this.#stopped) return
      this.#view.print(style(this.#io.stdout, 'dim', `changed: ${paths.join(', ')}`))
      this.#view.status('reloading')
      await this.#child?.stop()
      if (!this.#stopped) this.start()
    })
    return this.#turn
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#child?.stop()
    await this.#turn
  }

  #heard(message: FromEngine): void {
    switch (message.type) {
      case 'ready':
        // A port that was free the first time stays the same over reloads.
        if (message.admin !== '') this.#adminPort = Number(new URL(message.admin).port)
        this.#introduce(message)
        this.#view.status(`running | ${message.admin}`)
        return
      case 'record':
        this.#view.record(message.direction, message.record)
        return
      case 'log':
        if (message.level === 'info') return
        this.#view.print(style(this.#io.stdout, message.level === 'error' ? 'red' : 'yellow', message.text))
        return
      case 'failed':
        this.#view.print(message.text)
    }
  }

  #introduce({ app, admin, functions, ingressTopics }: Extract<FromEngine, { type: 'ready' }>): void {
    if (this.#introduced) {
      this.#view.print(style(this.#io.stdout, 'green', 'reloaded; state kept'))
      return
    }
    this.#introduced = true
    const where = relative(this.#io.cwd, dirname(this.#file))
    const topic = ingressTopics[0]
    this.#view.print(`${style(this.#io.stdout, 'bold', app)} in development`)
    this.#view.print(`functions: ${functions.join(', ')}`)
    if (ingressTopics.length > 0) this.#view.print(`topics:    ${ingressTopics.join(', ')}`)
    this.#view.print(`admin:     ${admin}`)
    if (topic !== undefined) {
      const cd = where === '' ? '' : `cd ${where} && `
      this.#view.print(`\nIn another terminal:\n  ${cd}npx statefun send ${topic} --key alice --json '{…}'\n`)
    }
  }
}
