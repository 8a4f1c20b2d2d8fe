import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { buildReport } from '../build-report.ts'
import { sampleEvents } from '../testing/sample-events.ts'
import { HOSTILE, sampleReport } from '../testing/sample-report.ts'
import { closingText } from './closing-text.ts'
import { runView } from './terminal-view.ts'
import type { TextStream } from './text-stream.ts'

class Screen implements TextStream {
  readonly isTTY: boolean
  readonly columns: number
  text = ''

  constructor(isTTY: boolean, columns = 80) {
    this.isTTY = isTTY
    this.columns = columns
  }

  write(text: string): void {
    this.text += text
  }

  /** What a terminal shows after all that was written: it moves up, clears below, and nothing else. */
  shown(): readonly string[] {
    const lines: string[] = ['']
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is written
    const written = /\u001b\[(\d+)A\r\u001b\[J|(\n)|((?:(?!\u001b\[\d+A)[^\n])+)/g
    for (const [, up, line, rest] of this.text.matchAll(written)) {
      if (up !== undefined) lines.splice(lines.length - 1 - Number(up), Number(up) + 1, '')
      else if (line !== undefined) lines.push('')
      else lines[lines.length - 1] += stripVTControlCharacters(rest ?? '')
    }
    return lines
  }
}

beforeEach(() => {
  vi.stubEnv('NO_COLOR', '')
  vi.useFakeTimers({ now: Date.parse('2026-11-24T14:12:29.000Z') })
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

function show(screen: Screen, until?: number): Screen {
  const view = runView(screen)
  for (const event of sampleEvents().slice(0, until)) view.observe(event)
  if (until === undefined) view.end()
  return screen
}

const OVER = [
  'gate of counter: embedded and flink on topology process, tests kafka',
  '✓   2.00 s  Kafka',
  '✓   0.50 s  engine',
  '✓           ready: process on embedded, the embedded engine after 2.6 s',
  '✗   2.90 s  Flink',
  '    SF_GATE_START_FAILED job-manager.log: Flink ended while it started',
  '    hint: look at its log',
  '✗           there is no deployment on flink',
  '✓   0.40 s  counter › adds up deltas  process on embedded',
  '-           headers  process on flink',
  '    not applicable on Flink 1.16.2 (Apache StateFun 3.3.0): it has no headers of Kafka records',
  '-           later  process on embedded',
  '    skipped',
  '·           process on embedded: worker killed',
  '✗   2.00 s  counter › is exact  process on embedded',
  '    AssertionError expected 19998 to be 20000 (e2e/kafka.e2e.ts:58:24)',
  '    - 20000',
  '    + 19998',
  '    SF_GATE_READ_TIMEOUT counter.results: no record came',
  '    hint: is the engine running?',
  '✗           e2e/broken.e2e.ts',
  '    SyntaxError no such module',
  '!           process on embedded: the disk is full',
  '',
]

describe('a run', () => {
  it('is plain lines on a pipe', () => {
    const { text } = show(new Screen(false))
    expect(text.split('\n')).toEqual(OVER)
  })

  it('leaves the same lines on a terminal', () => {
    expect(show(new Screen(true)).shown()).toEqual(OVER)
  })

  it('shows what goes on with its seconds below them', () => {
    expect(show(new Screen(true), 4).shown().slice(1)).toEqual([
      expect.stringMatching(/^\S +2\.9 s {2}Kafka$/),
      expect.stringMatching(/^\S +2\.9 s {2}Flink {2}fetched 12 of 31 archives$/),
      '',
    ])
    expect(show(new Screen(true), 11).shown().slice(8)).toEqual([
      expect.stringMatching(/^\S +0 ms {2}counter › adds up deltas {2}process on embedded$/),
      '            0 passed, 1 failed',
      '',
    ])
  })

  it('goes on by itself, and never wraps a line', () => {
    const screen = show(new Screen(true, 20), 4)
    vi.advanceTimersByTime(2000)
    expect(screen.shown().at(-2)).toMatch(/^\S +4\.9 s {2}Flink {2}…$/)
  })

  it('cuts a long difference', () => {
    const screen = new Screen(false)
    const diff = Array.from({ length: 30 }, (_, number) => `+ ${number}`).join('\n')
    const [test] = sampleEvents().filter((event) => event.type === 'test-end')
    if (test?.type === 'test-end') {
      runView(screen).observe({ ...test, verdict: 'failed', failures: [{ message: 'other', diff }] })
    }
    expect(screen.text).toContain('    + 23\n    … and 6 more, see the report\n')
  })

  it('has no colours where NO_COLOR says so', () => {
    expect(show(new Screen(true), 2).text).toContain('\u001b[1m')
    vi.stubEnv('NO_COLOR', '1')
    expect(show(new Screen(true), 2).text).not.toContain('\u001b[1m')
  })
})

describe('the end of a run', () => {
  it('is the phases, failures with where to look, and the counts in the last line', () => {
    const screen = new Screen(false)
    const text = closingText(screen, sampleReport(), 'e2e-report/x/index.html')
    expect(text).toContain('LocalStack              6.8  ████████')
    expect(text).toContain('  worker said 215 lines: embedded/worker.log')
    expect(text).toContain('  test: e2e/chaos.e2e.ts:58:24')
    expect(text.split('\n').slice(-4)).toEqual([
      'report: e2e-report/x/index.html',
      '1 not applicable',
      '6 passed, 2 failed',
      '',
    ])
    expect(text).not.toContain(HOSTILE)
  })

  it('fits into the terminal', () => {
    for (const columns of [40, 60, 200]) {
      const screen = new Screen(true, columns)
      const [, heading, ...lines] = stripVTControlCharacters(closingText(screen, sampleReport())).split('\n')
      expect(heading).toMatch(/^phase +seconds$/)
      const table = lines.slice(0, lines.indexOf(''))
      expect(table).toHaveLength(10)
      for (const line of table) expect(line.replace(/ failed$/, '').length).toBeLessThan(columns)
    }
  })

  it('tells errors outside of tests, and that a run was cut short', () => {
    const report = buildReport(sampleEvents().slice(0, -1), 'npm run e2e')
    const text = closingText(new Screen(false), { ...report, verdict: 'interrupted' })
    expect(text).toContain('✗ e2e/broken.e2e.ts\n  SyntaxError no such module')
    expect(text).toContain(
      'interrupted before every test had run\n1 not applicable, 1 skipped\n1 passed, 3 failed\n',
    )
  })
})
