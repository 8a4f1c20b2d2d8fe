import type { RunEvent } from '../../run/run-events.ts'
import { duration, oneLine } from '../readable.ts'
import { eventText } from './event-text.ts'
import { LiveLines } from './live-lines.ts'
import { RunState } from './run-state.ts'
import { style, type TextStream } from './text-stream.ts'

const REFRESH_MS = 100
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
/** Rows of tests that run at the same time; more are counted. */
const MOST_TESTS = 4

/** Shows a run while it goes on. */
export interface RunView {
  /** Takes each event as it happens. */
  readonly observe: (event: RunEvent) => void
  /** Takes away what is only for the time of the run. */
  end(): void
}

/**
 * A run on a terminal: what is over stays as a line, what goes on is shown below with its seconds. Anywhere else plain lines of
 * what is over.
 */
export function runView(stream: TextStream): RunView {
  return stream.isTTY === true ? liveView(stream) : plainView(stream)
}

function plainView(stream: TextStream): RunView {
  const state = new RunState()
  return {
    observe(event) {
      const text = eventText(stream, event, state)
      state.observe(event)
      if (text !== undefined) stream.write(text)
    },
    end() {},
  }
}

function liveView(stream: TextStream): RunView {
  const state = new RunState()
  const lines = new LiveLines(stream, () => liveLines(stream, state))
  const timer = setInterval(() => lines.draw(), REFRESH_MS)
  timer.unref()
  return {
    observe(event) {
      const text = eventText(stream, event, state)
      state.observe(event)
      lines.draw(text)
    },
    end() {
      clearInterval(timer)
      lines.clear()
    },
  }
}

function liveLines(stream: TextStream, state: RunState): readonly string[] {
  const now = Date.now()
  const spinner = style(stream, 'cyan', SPINNER[Math.floor(now / REFRESH_MS) % SPINNER.length] ?? '')
  const tests = [...state.tests.values()]
  const since = (at: number) => style(stream, 'dim', duration(Math.max(0, now - at) / 1000).padStart(7))
  const { passed, failed, notApplicable } = state.counts
  return [
    ...[...state.phases].map(
      ([name, { at, progress }]) =>
        `${spinner} ${since(at)}  ${name}${progress === undefined ? '' : style(stream, 'dim', `  ${oneLine(progress)}`)}`,
    ),
    ...tests
      .slice(0, MOST_TESTS)
      .map(
        ({ at, test }) =>
          `${spinner} ${since(at)}  ${oneLine(test.test.replaceAll(' > ', ' › '))}  ${style(stream, 'dim', test.deployment)}`,
      ),
    ...(tests.length > MOST_TESTS ? [`            and ${tests.length - MOST_TESTS} more`] : []),
    ...(passed + failed + notApplicable > 0
      ? [
          style(
            stream,
            failed > 0 ? 'red' : 'dim',
            `            ${passed} passed, ${failed} failed${notApplicable > 0 ? `, ${notApplicable} not applicable` : ''}`,
          ),
        ]
      : []),
  ]
}
