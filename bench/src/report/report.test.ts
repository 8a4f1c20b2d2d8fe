import { describe, expect, it } from 'vitest'
import { formatTable } from './format-table.ts'
import { median, round } from './numbers.ts'
import { RecordingReport } from './recording-report.ts'

describe('formatTable', () => {
  it('aligns text to the left and numbers to the right', () => {
    const rows = [
      { sdk: 'ours', 'msg/s': 1234567 },
      { sdk: 'another', 'msg/s': 0.5 },
    ]
    expect(formatTable(rows)).toBe(
      ['sdk          msg/s', '-------  ---------', 'ours     1,234,567', 'another        0.5'].join('\n'),
    )
  })
})

describe('numbers', () => {
  it('takes the middle value', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([10, 1, 5, 7])).toBe(6)
    expect(() => median([])).toThrow(RangeError)
  })

  it('keeps three digits, and whole numbers whole', () => {
    expect([1.23456, 0.000123456, 99.99, 123456.7].map(round)).toEqual([1.23, 0.000123, 100, 123457])
  })
})

describe('RecordingReport', () => {
  it('keeps what it is told, with the machine, and prints whether goals are met', () => {
    const printed: string[] = []
    const report = new RecordingReport(
      'x',
      { rounds: 2 },
      { out: (text) => printed.push(text), progress: () => {} },
    )
    report.table('speed', [{ sdk: 'ours', rate: 3 }])
    report.value('p99Ms', 12)
    report.remark('two machines')
    report.goal({ name: 'rate', actual: 3, limit: 3, want: 'atLeast', unit: 'msg/s' })
    report.goal({ name: 'p99', actual: 10, limit: 10, want: 'below', unit: 'ms' })
    expect(printed.slice(-2)).toEqual([
      'goal met    rate: 3 msg/s (want >= 3 msg/s)',
      'goal MISSED p99: 10 ms (want < 10 ms)',
    ])
    const result = JSON.parse(JSON.stringify(report.result()))
    expect(result).toMatchObject({
      bench: 'x',
      options: { rounds: 2 },
      machine: { node: process.version, cores: expect.any(Number), loadAtStart: expect.any(Number) },
      remarks: ['two machines'],
      tables: { speed: [{ sdk: 'ours', rate: 3 }] },
      values: { p99Ms: 12 },
      goals: [
        { name: 'rate', met: true },
        { name: 'p99', met: false },
      ],
    })
  })
})
