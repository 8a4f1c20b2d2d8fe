import { spawn } from 'node:child_process'

/** Waits for the end of its parent. */
export interface Watchdog {
  /** Ends the watch; to be called when the watched process is gone. */
  dismiss(): void
}

/** `read` ends with an error only at the end of the pipe, that is when no process holds its other side any more. */
const SCRIPT = `
read -r _ && exit 0
kill -KILL "-$1" 2>/dev/null || kill -KILL "$1" 2>/dev/null
[ -n "$2" ] || exit 0
tries=0
while kill -0 "$1" 2>/dev/null && [ "$tries" -lt 40 ]; do sleep 0.05; tries=$((tries + 1)); done
rm -rf "$2"
`

/**
 * Kills a process, and with it the group that it leads, when this one ends in any way, SIGKILL and a crash included.
 *
 * A shell of its own session holds the reading side of a pipe whose writing side only this process has; the kernel closes it
 * with us. There is no other way without native code that also works outside Linux. Windows has no such shell: there
 * nothing watches.
 *
 * @param removeWithParent a folder deleted after the kill
 */
export function watchOver(pid: number, removeWithParent = ''): Watchdog {
  if (process.platform === 'win32') return { dismiss() {} }
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'sh', String(pid), removeWithParent], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.unref()
  shell.on('error', () => {})
  shell.stdin.on('error', () => {})
  const handle: unknown = shell.stdin
  if (isUnreferable(handle)) handle.unref()
  return { dismiss: () => shell.stdin.end('\n') }
}

/** A pipe to a child is a socket, which the types of `spawn` do not say. */
function isUnreferable(value: unknown): value is { unref(): void } {
  return typeof value === 'object' && value !== null && 'unref' in value && typeof value.unref === 'function'
}
