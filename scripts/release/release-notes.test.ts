import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { releaseNotes } from './release-notes.ts'

it('says once what several packages say, of this version alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'statefun-notes-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const folders = ['sdk', 'cli'].map((name) => {
    mkdirSync(join(folder, name))
    writeFileSync(
      join(folder, name, 'package.json'),
      JSON.stringify({ name: `@statefun/${name}`, version: '1.1.0' }),
    )
    const own = name === 'cli' ? '\n- 0123456: `statefun e2e`\n' : ''
    writeFileSync(
      join(folder, name, 'CHANGELOG.md'),
      `# x\n\n## 1.1.0\n\n### Minor Changes\n\n- 89abcde: Kinesis, in\n  and out\n${own}\n### Patch Changes\n\n- Updated dependencies\n  - @statefun/protocol@1.1.0\n\n## 1.0.0\n\n- old\n`,
    )
    return join(folder, name)
  })
  expect(releaseNotes('1.1.0', folders)).toBe(
    '- Kinesis, in and out (@statefun/sdk, @statefun/cli)\n- `statefun e2e` (@statefun/cli)\n',
  )
  expect(releaseNotes('2.0.0', folders)).toContain('No change')
})
