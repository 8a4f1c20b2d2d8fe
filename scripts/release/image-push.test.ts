import { expect, it } from 'vitest'
import { imagePush } from './image-push.ts'

const lines = (environment: Record<string, string>) =>
  imagePush('engine', environment).map(({ program, args }) => `${program} ${args.join(' ')}`)

it('pushes, signs and attests; latest only for a stable version', () => {
  const stable = lines({ IMAGE: 'ghcr.io/Owner/statefun-engine', VERSION: '1.0.0', STABLE: 'true' })
  expect(stable).toContain('docker push ghcr.io/owner/statefun-engine:1.0.0')
  expect(stable).toContain('docker push ghcr.io/owner/statefun-engine:latest')
  expect(stable).toContain('cosign sign --yes ghcr.io/owner/statefun-engine@{digest}')
  expect(stable.at(-1)).toMatch(/^cosign attest .*engine\.spdx\.json/)
  const candidate = lines({ IMAGE: 'ghcr.io/owner/statefun-engine', VERSION: '1.0.0-rc.1', STABLE: 'false' })
  expect(candidate.join()).not.toContain('latest')
})

it('says what is missing', () => {
  expect(() => imagePush('enigne', {})).toThrow(/functions, engine/)
  expect(() => imagePush('engine', {})).toThrow(/IMAGE and VERSION/)
})
