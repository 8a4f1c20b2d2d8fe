import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { RunEvents } from '../../run/run-events.ts'
import type { RunObserver } from '../../run/run-observer.ts'
import { NAMESPACE } from './kind-places.ts'

/** Errors that the operator mends by itself, in its next look. */
const EXPECTED: readonly RegExp[] = [
  // The object was changed between its read and its write, also by a write of its own whose answer came too late.
  /the object has been modified|ConflictException/,
  // A client of a JobManager that was closed while an answer was on its way.
  /event executor terminated|Event loop shut down/,
  // The JobManager is away: a test killed it, or it is being replaced.
  /Connection refused|connection timed out|TimeoutException|UnknownHostException|NoRouteToHost/i,
]

const MOST_SHOWN = 5
const MOST_BYTES = 1024 * 1024

/** The file of an operator's log, and how much of it was looked at. */
interface LookedAt {
  readonly path: string
  offset: number
}

/**
 * Looks through the operator's log after every test: an error there that is none of the usual ones fails the run, though the
 * test passed. A job that runs on in spite of it would not be found by what comes out of topics.
 */
export function operatorLogCheck(): RunObserver {
  const logs = new Map<string, LookedAt>()
  let events: RunEvents | undefined
  const look = (deployment: string, when: string) => {
    const log = logs.get(deployment)
    const found = log === undefined ? [] : unexpectedErrors(readOn(log))
    if (found.length === 0) return
    const shown = found.slice(0, MOST_SHOWN).join('\n')
    const more = found.length > MOST_SHOWN ? `\nand ${found.length - MOST_SHOWN} more` : ''
    events?.emit({
      type: 'error',
      deployment,
      failure: { message: `the operator logged errors ${when}:\n${shown}${more}\nhint: see ${log?.path}` },
    })
  }
  return {
    begin(context) {
      events = context.events
      events.subscribe((event) => {
        if (event.type === 'deployment-ready') {
          const path = event.parts.find(({ name }) => name === 'operator')?.logPath
          if (path !== undefined) logs.set(event.deployment, { path, offset: 0 })
        }
        if (event.type === 'test-end') look(event.test.deployment, `by the end of "${event.test.test}"`)
      })
    },
    async beforeStop() {
      for (const deployment of logs.keys()) look(deployment, 'after the last test')
    },
  }
}

/**
 * First lines of the entries of an operator's log that are errors, of our namespace or of none, and not expected.
 *
 * @param text entries of `<time> ERROR <logger> [<namespace>.<name>] <message>`, each with the lines of its exception
 */
export function unexpectedErrors(text: string): readonly string[] {
  return text
    .split(/\n(?=\d{4}-\d\d-\d\d)/)
    .filter((entry) => {
      const namespace = /\[([a-z0-9-]+)\.[a-z0-9-]+\]/.exec(entry)?.[1]
      const isOurs = namespace === undefined || namespace === NAMESPACE
      return isOurs && ERROR_LEVEL.test(entry) && !EXPECTED.some((pattern) => pattern.test(entry))
    })
    .map((entry) => entry.split('\n')[0] ?? '')
}

/** Within the beginning of an entry, after the time. */
const ERROR_LEVEL = /^.{0,40}\b(?:ERROR|FATAL)\b/

/** Whole lines that have come since the last look. */
function readOn(log: LookedAt): string {
  const size = statSync(log.path, { throwIfNoEntry: false })?.size ?? 0
  const length = Math.min(size - log.offset, MOST_BYTES)
  if (length <= 0) return ''
  const buffer = Buffer.alloc(length)
  const file = openSync(log.path, 'r')
  try {
    readSync(file, buffer, 0, length, log.offset)
  } finally {
    closeSync(file)
  }
  const end = buffer.lastIndexOf(0x0a) + 1
  log.offset += end
  return buffer.toString('utf8', 0, end)
}
