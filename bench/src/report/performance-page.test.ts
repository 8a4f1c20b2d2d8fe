import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fillPage, PERFORMANCE_PAGE } from './performance-page.ts'

const folder = mkdtempSync(join(tmpdir(), 'statefun-bench-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

const RESULT = {
  bench: 'speed',
  options: { rounds: 3, only: '', java: true, quiet: false },
  machine: {
    date: '2026-01-02T03:04:05.678Z',
    cpu: 'Some CPU',
    cores: 2,
    memoryGiB: 16,
    os: 'linux 6 x64',
    node: 'v24.0.0',
    commit: 'abc1234',
    loadAtStart: 0.1,
  },
  seconds: 1,
  loadAtEnd: 0.2,
  remarks: ['Nothing else ran.'],
  tables: { rates: [{ engine: 'ours', 'msg/s': 1_234_567, ms: 1.23456 }] },
  values: {},
  goals: [
    { name: 'rate', actual: 10, limit: 8, want: 'atLeast', unit: 'x', met: true },
    { name: 'p99', actual: 3, limit: 2, want: 'below', unit: 'ms', met: false },
  ],
}

describe('a page of results', () => {
  writeFileSync(join(folder, 'speed.json'), JSON.stringify(RESULT))

  it('has the command, the machine, tables, goals and remarks', () => {
    const page = 'Before.\n<!-- results: speed -->\nold\n<!-- end of results -->\nAfter.\n'
    expect(fillPage(page, folder)).toBe(`Before.
<!-- results: speed -->

\`npm run bench -- speed --rounds 3 --no-quiet\`, 2026-01-02: Some CPU, 2 cores, 16 GiB, linux 6 x64, Node v24.0.0, commit \`abc1234\`, load 0.1 at the start.

**rates**

| engine | msg/s | ms |
| --- | ---: | ---: |
| ours | 1,234,567 | 1.23 |

**goals**

| goal | measured | wanted |  |
| --- | --- | --- | --- |
| rate | 10 x | at least 8 x | met |
| p99 | 3 ms | below 2 ms | **missed** |

Nothing else ran.

<!-- end of results -->
After.
`)
  })

  it('is refused without a result or an end', () => {
    const part = (bench: string, end: string) => `<!-- results: ${bench} -->\n${end}`
    expect(() => fillPage(part('slow', '<!-- end of results -->'), folder)).toThrow(
      'there is no result of "slow"; there are: speed.json',
    )
    expect(() => fillPage(part('speed', ''), folder)).toThrow('has no end')
  })
})

describe('docs/performance.md', () => {
  it('shows the kept results as they are; npm run bench writes them anew', () => {
    const page = readFileSync(PERFORMANCE_PAGE, 'utf8')
    expect(page).toContain('<!-- results: ')
    expect(fillPage(page)).toBe(page)
  })
})
