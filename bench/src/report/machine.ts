import { execFileSync } from 'node:child_process'
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { round } from './numbers.ts'

/** Where and when a result was measured; without it a figure means little. */
export interface Machine {
  /** ISO 8601, UTC. */
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly os: string
  readonly node: string
  /** Short hash of the checkout, with `+changes` when it is not what was committed; undefined outside a checkout. */
  readonly commit?: string
  /** Load average over 1 minute at the start: other work on the machine makes figures worse. */
  readonly loadAtStart: number
}

/** Describes this machine as it is now. */
export function describeMachine(): Machine {
  const commit = checkoutCommit()
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: round(totalmem() / 2 ** 30),
    os: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    ...(commit === undefined ? {} : { commit }),
    loadAtStart: currentLoad(),
  }
}

/** Load average over 1 minute. */
export function currentLoad(): number {
  return round(loadavg()[0] ?? 0)
}

function checkoutCommit(): string | undefined {
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, {
      encoding: 'utf8',
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== ''
    return git('rev-parse', '--short', 'HEAD').trim() + (changed ? '+changes' : '')
  } catch {
    return undefined
  }
}
