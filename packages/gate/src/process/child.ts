import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import { logTail } from './log-tail.ts'
import { type Watchdog, watchOver } from './watchdog.ts'

/** What to start and where its output goes. */
export interface ChildOptions {
  /** Shown in messages: `Kafka broker`. */
  readonly name: string
  /** Path or name of the program. */
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  /** Added to this process's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** File that standard output and standard error are appended to; its folder is made. */
  readonly logPath: string
  /** A folder that is deleted when this process dies without having stopped the child. */
  readonly removeWithParent?: string
}

/** How a child ended: one of the two is null. */
export interface ChildExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A running process that does not outlive this one. */
export interface Child {
  readonly name: string
  readonly pid: number
  readonly logPath: string
  /** Settles when the process is gone; never rejects. */
  readonly exited: Promise<ChildExit>
  /** Undefined while it runs. */
  readonly exit: ChildExit | undefined
  /** Sends a signal; does nothing when the process is gone. */
  signal(signal: NodeJS.Signals): void
  /**
   * SIGTERM, then SIGKILL when the process is still there after the grace time.
   *
   * @param graceMs default 10000
   */
  stop(graceMs?: number): Promise<ChildExit>
  /** SIGKILL; settles when the process is gone. */
  kill(): Promise<ChildExit>
  /** The last lines of its log, for error messages. */
  logTail(lines?: number): string
}

/**
 * Starts a process that dies with this one, also when this one is SIGKILLed (see {@link watchOver}).
 *
 * The child gets a session of its own: Ctrl-C in a terminal reaches only this process, which can then stop its children
 * in order; when it does not, they are killed.
 *
 * @throws StatefunError `SF_GATE_START_FAILED` when the program cannot be started at all
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  mkdirSync(dirname(options.logPath), { recursive: true })
  const log = openSync(options.logPath, 'a')
  let process_: ChildProcess
  try {
    process_ = spawn(options.command, options.args, {
      stdio: ['ignore', log, log],
      detached: true,
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    })
  } finally {
    closeSync(log)
  }
  const exited = new Promise<ChildExit>((resolve) => {
    process_.once('exit', (code, signal) => resolve({ code, signal }))
  })
  const pid = process_.pid
  if (pid === undefined) {
    const [cause] = await once(process_, 'error')
    throw new StatefunError('SF_GATE_START_FAILED', `${options.name} cannot be started: ${options.command}`, {
      cause,
    })
  }
  return new RunningChild(options, process_, pid, exited, watchOver(pid, options.removeWithParent))
}

class RunningChild implements Child {
  readonly name: string
  readonly pid: number
  readonly logPath: string
  readonly exited: Promise<ChildExit>
  exit: ChildExit | undefined
  readonly #process: ChildProcess

  constructor(
    options: ChildOptions,
    process_: ChildProcess,
    pid: number,
    exited: Promise<ChildExit>,
    watchdog: Watchdog,
  ) {
    this.name = options.name
    this.logPath = options.logPath
    this.pid = pid
    this.#process = process_
    this.exited = exited.then((exit) => {
      this.exit = exit
      watchdog.dismiss()
      return exit
    })
  }

  signal(signal: NodeJS.Signals): void {
    // ChildProcess.kill and not process.kill: it knows when the pid has been reaped and may belong to another process.
    if (this.exit === undefined) this.#process.kill(signal)
  }

  async stop(graceMs = 10_000): Promise<ChildExit> {
    this.signal('SIGTERM')
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs)
    try {
      return await this.exited
    } finally {
      clearTimeout(timer)
    }
  }

  kill(): Promise<ChildExit> {
    this.signal('SIGKILL')
    return this.exited
  }

  logTail(lines?: number): string {
    return logTail(this.logPath, lines)
  }
}
