import { describe, expect, it } from 'vitest'
import { buildReport } from './build-report.ts'
import { htmlReport } from './html/page.ts'
import { junitReport } from './junit.ts'
import { markdownReport } from './markdown.ts'
import { phaseStrip } from './phase-strip.ts'
import { duration, oneLine, plain, size } from './readable.ts'
import { elements } from './testing/elements.ts'
import { sampleEvents } from './testing/sample-events.ts'
import { sampleReport } from './testing/sample-report.ts'

const report = sampleReport()
const fromEvents = buildReport(sampleEvents(), 'npm run e2e')

describe('the page', () => {
  const page = htmlReport(report)

  it('has its verdict, phases, tests, failures and what each part said', () => {
    for (const text of [
      '2 of 8 tests failed',
      'Kafka for Flink',
      'on Flink (Apache StateFun 3.3.0): it has no headers of Kafka records',
      'totals of 50 keys: expected 20000, received 19998',
      'SF_TRANSPORT_BUDGET the budget of 30 s is used up',
      '211 lines left out',
      'topic counter.results',
      'processed-by=counter-fn',
      'function image: pull 44.1 MB (goal: below 45 MB, met), start 0.62 s (goal: below 0.5 s, missed)',
    ]) {
      expect(page).toContain(text)
    }
  })

  it('asks for nothing outside itself and runs nothing', () => {
    expect(page).not.toMatch(/<script|<iframe|@import|url\(|\bon\w+=/i)
    expect([...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, target]) => target)).toSatisfy(
      (targets: string[]) => targets.every((target) => /^(#|\.\/|data:image)/.test(target)),
    )
    expect(page).toContain(`content="default-src 'none'`)
  })

  it('is well-formed, and every link inside it has a target', () => {
    const found = elements(page)
    const ids = found.flatMap(({ attributes }) => attributes.id ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    for (const { attributes } of found) {
      if (attributes.href?.startsWith('#')) expect(ids).toContain(attributes.href.slice(1))
      if (attributes['aria-labelledby'] !== undefined) expect(ids).toContain(attributes['aria-labelledby'])
    }
  })

  it('shows what parts said when something failed outside of tests', () => {
    const said = [{ part: 'flink/job-manager', lines: [{ at: 2.5, text: 'no space left' }], omitted: 0 }]
    const page = htmlReport({ ...fromEvents, said })
    expect(page).toContain('<time>   2.5</time> no space left')
    expect(elements(page).length).toBeGreaterThan(10)
  })

  it('links to evidence whose name is not a plain word', () => {
    const odd = { title: 'x', path: 'logs/a b#1?.log' }
    expect(htmlReport({ ...report, evidence: [odd] })).toContain('href="./logs/a%20b%231%3F.log"')
  })

  it('shows runs without tests, without failures and cut short', () => {
    for (const run of [fromEvents, { ...report, tests: [], phases: [], deployments: [], notes: [] }]) {
      expect(elements(htmlReport(run)).length).toBeGreaterThan(10)
    }
    expect(htmlReport({ ...report, verdict: 'interrupted', tests: [] })).toContain('Interrupted')
  })
})

describe('JUnit XML', () => {
  const found = elements(junitReport(report))
  const named = (name: string) => found.filter((element) => element.name === name)

  it('counts as its reader does', () => {
    expect(named('testsuites')[0]?.attributes).toMatchObject({
      tests: '9',
      failures: '2',
      skipped: '1',
      errors: '0',
    })
    expect(named('testcase')).toHaveLength(9)
    expect(named('failure')).toHaveLength(2)
    for (const suite of named('testsuite')) {
      const { tests, failures, skipped } = suite.attributes
      expect(Number(tests)).toBeGreaterThanOrEqual(Number(failures) + Number(skipped))
    }
  })

  it('has what does not apply as skipped, with its reason', () => {
    expect(named('skipped')[0]?.attributes.message).toContain('it has no headers of Kafka records')
  })

  it('has engine, topology and tags as properties', () => {
    const properties = named('property').map(({ attributes }) => `${attributes.name}=${attributes.value}`)
    expect(properties).toEqual(
      expect.arrayContaining(['engine=flink', 'topology=process', 'tag=kafka', 'tag=headers']),
    )
  })

  it('fails for errors outside of tests', () => {
    const errors = elements(junitReport(fromEvents)).filter(({ name }) => name === 'error')
    expect(errors.map(({ attributes }) => attributes.type)).toEqual(['SyntaxError', 'SF_GATE_START_FAILED'])
  })
})

describe('Markdown', () => {
  const text = markdownReport(report)

  it('has the verdict first, then what failed, tests and phases', () => {
    expect(text).toMatch(/^## ❌ Gate of counter: 6 passed, 2 failed\n/)
    expect(text).toContain('| kafka › adds up deltas | ✅ 412 ms | ✅ 2.7 s |')
    expect(text).toContain('➖ not applicable on Flink (Apache StateFun 3.3.0)')
    expect(text).toContain('    LocalStack             6.8 s  ██████')
  })

  it('takes nothing from names and messages for markup', () => {
    expect(text).not.toContain('<script')
    expect(text).not.toContain('\u001b')
    expect(
      text
        .split('\n')
        .filter((line) => line.startsWith('| '))
        .map((line) => line.split(' | ').length),
    ).toEqual(new Array(7).fill(3))
  })
})

it('text that is shown cannot act', () => {
  expect(plain('\u001b[31mred\u001b[39m\u0007\r\n\u009b\ud800\uffff')).toBe('red␇\n␡��')
  expect(oneLine('a\n b\u0000')).toBe('a ⏎  b␀')
  expect(oneLine('x'.repeat(400))).toHaveLength(300)
})

it.each([
  [0.04, '40 ms'],
  [0.9999, '1.0 s'],
  [59.96, '1 min 00 s'],
  [125, '2 min 05 s'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})

it('bytes are counted in powers of 1024', () => {
  expect([0, 1023, 1536, 3 * 1024 ** 3].map(size)).toEqual(['0 bytes', '1023 bytes', '1.5 KiB', '3.0 GiB'])
})

it('the strip of a phase has at least one cell and never leaves its room', () => {
  expect(phaseStrip({ begin: 0, seconds: 0 }, 10, 10)).toBe('█         ')
  expect(phaseStrip({ begin: 10, seconds: 0 }, 10, 10)).toBe('         █')
  expect(phaseStrip({ begin: 2, seconds: 3 }, 10, 10)).toBe('  ███     ')
  expect(phaseStrip({ begin: 8, seconds: 9 }, 10, 10)).toBe('        ██')
  expect(phaseStrip({ begin: 0, seconds: 0 }, 0, 4)).toBe('█   ')
})
