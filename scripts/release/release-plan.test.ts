import { expect, it } from 'vitest'
import { distTag, releasePlan } from './release-plan.ts'

it('proposes a version while changesets wait, even when the present one is not out', () => {
  expect(releasePlan('0.1.0', ['a.md'], false)).toMatchObject({ mode: 'version', pending: ['a.md'] })
})

it('publishes a version that is not in the registry, once', () => {
  expect(releasePlan('1.2.0', [], false)).toMatchObject({ mode: 'publish', stable: true, tag: 'latest' })
  expect(releasePlan('1.2.0', [], true)).toMatchObject({ mode: 'none' })
})

it.each([
  ['1.0.0', 'latest'],
  ['1.0.0-rc.1', 'rc'],
  ['1.0.0-BETA.2', 'beta'],
  ['1.0.0-0', 'next'],
])('%s goes to %s', (version, tag) => {
  expect(distTag(version)).toBe(tag)
  expect(releasePlan(version, [], false).stable).toBe(tag === 'latest')
})
