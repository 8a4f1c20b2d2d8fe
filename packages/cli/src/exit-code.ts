import type { StatefunError } from '@statefun/protocol'

/** What the `statefun` command exits with; stable across releases. */
export const EXIT = {
  ok: 0,
  /** The app, the engine or a write failed. */
  failed: 1,
  /** Wrong arguments or a wrong configuration file. */
  usage: 2,
  /** module.yaml has problems. */
  module: 3,
  /** No engine, broker or cluster answered. */
  unreachable: 4,
  /** Interrupted a second time before it could stop in order. */
  interrupted: 130,
} as const

/** Shown at the end of `statefun --help` and in the documentation. */
export const EXIT_HELP = `Exit codes:
  0    success
  1    the app or the engine failed
  2    wrong arguments or configuration
  3    module.yaml has problems
  4    no engine, broker or cluster could be reached
  130  interrupted twice`

const USAGE = ['SF_KUBE_CONFIG', 'SF_DEPLOY_MISSING', 'SF_DEPLOY_OPERATOR', 'SF_DEPLOY_NOT_CONFIRMED']

/** The exit code that belongs to an error. */
export function exitCodeOf(error: StatefunError): number {
  if (error.code.startsWith('SF_MODULE_')) return EXIT.module
  if (error.code.startsWith('SF_CLI_UNREACHABLE') || error.code === 'SF_KUBE_UNREACHABLE')
    return EXIT.unreachable
  if (USAGE.includes(error.code)) return EXIT.usage
  if (error.code === 'SF_CHECKPOINT_PLACE' || error.code === 'SF_DURATION_INVALID') return EXIT.usage
  if (error.code.startsWith('SF_CLI_') || error.code.startsWith('SF_CONFIG_')) return EXIT.usage
  return EXIT.failed
}

/** Ends a command with an exit code when everything worth saying is printed already. */
export class ExitCode extends Error {
  readonly code: number

  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}
