import { EXIT } from './exit-code.ts'
import type { Io } from './io.ts'

// npm and timeout(1) pass a signal on that the terminal has sent to the whole group: one press may come twice.
const SAME_PRESS_MS = 500

/**
 * This process as a command sees it. The first SIGINT or SIGTERM aborts the signal, a later one ends the process.
 *
 * @param program path of the command itself
 */
export function processIo(program: string): Io {
  const stop = new AbortController()
  let stoppedAt = 0
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!stop.signal.aborted) {
        stoppedAt = performance.now()
        stop.abort()
      } else if (performance.now() - stoppedAt > SAME_PRESS_MS) {
        process.exit(EXIT.interrupted)
      }
    })
  }
  // A reader such as `head` that closes the pipe has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok)
    throw error
  })
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    cwd: process.cwd(),
    program,
    signal: stop.signal,
  }
}

/** Ends the process once all output is written. Not left to the event loop: an app may hold timers and sockets of its own. */
export function exitWith(code: number): void {
  process.stdout.write('', () => process.exit(code))
}
