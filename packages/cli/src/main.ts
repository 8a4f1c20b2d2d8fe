#!/usr/bin/env -S node --max-semi-space-size=16 --heap-growing-percent=50
// The first line's flags keep the heap small: messages die young, and a heap that grows generously holds three times the
// memory for the same work (npm run bench -- throughput); one that hardly grows is collected all the time where many
// instances live (npm run bench -- scale).
import { enableCompileCache } from 'node:module'
import { EXIT } from './exit-code.ts'

// Compiled code is kept between runs: it halves the start. Only modules that are loaded after this call profit.
enableCompileCache()
const { runProgram } = await import('./program.ts')

// npm and timeout(1) pass a signal on that the terminal has sent to the whole group: one press may come twice.
const SAME_PRESS_MS = 500

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

const code = await runProgram(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  cwd: process.cwd(),
  program: import.meta.filename,
  signal: stop.signal,
})

// Not left to the event loop: an app may hold timers and sockets of its own.
process.stdout.write('', () => process.exit(code))
