import { plain } from './readable.ts'
import type { ReportedError, ReportedTest, RunReport } from './run-report.ts'

/**
 * A run as JUnit XML, in the form that GitHub's reporters, GitLab and Jenkins read: a suite for each suite and deployment,
 * engine, topology and tags as properties, what is not applicable as skipped with its reason.
 *
 * Errors outside of tests are a suite of their own, so that a run without a single test can fail.
 */
export function junitReport(report: RunReport): string {
  const suites = [...Map.groupBy(report.tests, ({ suite, deployment }) => `${suite} on ${deployment}`)]
  const { tests, errors } = report
  const all = attributes({
    name: `gate: ${report.request.app}`,
    ...counts(tests),
    errors: errors.length,
    tests: tests.length + errors.length,
    time: report.seconds.toFixed(3),
    timestamp: report.startedAt,
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${all}>`,
    ...suites.flatMap(([name, ofSuite]) => suite(name, ofSuite, report)),
    ...(errors.length === 0 ? [] : outside(errors, report)),
    '</testsuites>',
    '',
  ].join('\n')
}

function suite(name: string, tests: readonly ReportedTest[], report: RunReport): readonly string[] {
  const [first] = tests
  if (first === undefined) return []
  const begun = new Date(Date.parse(report.startedAt) + first.begin * 1000).toISOString()
  const time = tests.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3)
  return [
    `  <testsuite${attributes({ name, ...counts(tests), errors: 0, time, timestamp: begun })}>`,
    ...properties('    ', [
      ['engine', first.engine],
      ['topology', first.topology],
      ['deployment', first.deployment],
    ]),
    ...tests.flatMap((test) => testCase(test)),
    '  </testsuite>',
  ]
}

function testCase(test: ReportedTest): readonly string[] {
  // Jenkins takes what is before the last dot for a package, so that each deployment is one.
  const classname = `${test.deployment.replaceAll('.', '_')}.${test.suite.replaceAll('.', '_')}`
  const head = attributes({ name: test.name, classname, file: test.file, time: test.seconds.toFixed(3) })
  return [
    `    <testcase${head}>`,
    ...properties('      ', [
      ['engine', test.engine],
      ['topology', test.topology],
      ...test.tags.map((tag) => ['tag', tag] as const),
    ]),
    ...(test.verdict === 'not-applicable' || test.verdict === 'skipped'
      ? [`      <skipped${attributes({ message: test.reason ?? 'skipped' })}/>`]
      : []),
    ...(test.verdict === 'failed' ? failures(test) : []),
    '    </testcase>',
  ]
}

function failures(test: ReportedTest): readonly string[] {
  const errors: readonly ReportedError[] =
    test.errors.length > 0 ? test.errors : [{ code: 'Error', message: 'no error was reported' }]
  const said = test.said.flatMap(({ part, lines }) =>
    lines.map(({ at, text }) => `${part} ${at.toFixed(1)} s  ${text}`),
  )
  return [
    ...errors.map((error) => `      ${problem('failure', error)}`),
    ...(said.length === 0 ? [] : [`      <system-out>${text(said.join('\n'))}</system-out>`]),
  ]
}

function outside(errors: readonly ReportedError[], report: RunReport): readonly string[] {
  const name = 'outside of the tests'
  const head = { name, tests: errors.length, failures: 0, errors: errors.length, skipped: 0 }
  return [
    `  <testsuite${attributes({ ...head, time: '0.000', timestamp: report.startedAt })}>`,
    ...errors.flatMap((error) => [
      `    <testcase${attributes({ name: error.where ?? error.code, classname: name, time: '0.000' })}>`,
      `      ${problem('error', error)}`,
      '    </testcase>',
    ]),
    '  </testsuite>',
  ]
}

function problem(element: 'failure' | 'error', error: ReportedError): string {
  const lines = [
    `${error.code} ${error.message}`,
    ...(error.where === undefined ? [] : [`at ${error.where}`]),
    ...(error.hint === undefined ? [] : [`hint: ${error.hint}`]),
    ...(error.diff === undefined ? [] : ['', error.diff]),
    ...(error.stack === undefined ? [] : ['', error.stack]),
  ]
  const head = attributes({ message: error.message, type: error.code })
  return `<${element}${head}>${text(lines.join('\n'))}</${element}>`
}

function counts(tests: readonly ReportedTest[]): Record<'tests' | 'failures' | 'skipped', number> {
  const failures = tests.filter(({ verdict }) => verdict === 'failed').length
  const passed = tests.filter(({ verdict }) => verdict === 'passed').length
  return { tests: tests.length, failures, skipped: tests.length - failures - passed }
}

function properties(indent: string, pairs: readonly (readonly [string, string])[]): readonly string[] {
  return [
    `${indent}<properties>`,
    ...pairs.map(([name, value]) => `${indent}  <property${attributes({ name, value })}/>`),
    `${indent}</properties>`,
  ]
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(
      ([name, value]) =>
        ` ${name}="${text(String(value)).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`,
    )
    .join('')
}

function text(value: string): string {
  return plain(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
