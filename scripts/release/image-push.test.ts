import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { imageIndex, imagePush, type PushCommand } from './image-push.ts'
import { runPush } from './run-push.ts'

const IMAGE = 'ghcr.io/Owner/statefun-engine'
const DIGESTS = { amd64: `sha256:${'a'.repeat(64)}`, arm64: `sha256:${'b'.repeat(64)}` }
const lines = (commands: readonly PushCommand[]) =>
  commands.map(({ program, args }) => `${program} ${args.join(' ')}`)

it('pushes, signs and attests the image of each architecture under a tag of its own', () => {
  const arm = lines(imagePush('engine', { IMAGE, VERSION: '1.0.0', ARCHITECTURE: 'arm64', STABLE: 'true' }))
  expect(arm[0]).toBe('docker tag statefun-engine:local ghcr.io/owner/statefun-engine:1.0.0-arm64')
  expect(arm).toContain('docker push ghcr.io/owner/statefun-engine:1.0.0-arm64')
  expect(arm).toContain('cosign sign --yes ghcr.io/owner/statefun-engine@{digest}')
  expect(arm.at(-1)).toMatch(/^cosign attest .*engine-arm64\.spdx\.json/)
  expect(arm.join()).not.toContain('latest')
})

it('joins what was pushed, by digest, and signs it; latest only for a stable version', () => {
  const stable = lines(imageIndex('engine', { IMAGE, VERSION: '1.0.0', STABLE: 'true' }, DIGESTS))
  const name = 'ghcr.io/owner/statefun-engine'
  expect(stable[0]).toBe(
    `docker buildx imagetools create --tag ${name}:1.0.0 --tag ${name}:latest ${name}@${DIGESTS.amd64} ${name}@${DIGESTS.arm64}`,
  )
  expect(stable.at(-1)).toBe(`cosign sign --yes ${name}@{digest}`)
  const candidate = lines(imageIndex('engine', { IMAGE, VERSION: '1.0.0-rc.1', STABLE: 'false' }, DIGESTS))
  expect(candidate.join()).not.toContain('latest')
})

it('says what is missing', () => {
  expect(() => imagePush('enigne', {})).toThrow(/functions, engine/)
  expect(() => imagePush('engine', {})).toThrow(/IMAGE and VERSION/)
  expect(() => imagePush('engine', { IMAGE, VERSION: '1.0.0' })).toThrow(/ARCHITECTURE.*amd64, arm64/)
  expect(() => imageIndex('engine', { IMAGE, VERSION: '1.0.0' }, { amd64: DIGESTS.amd64 })).toThrow(
    /not pushed for arm64/,
  )
})

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statefun-push-'))
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`)
  vi.stubEnv('GITHUB_OUTPUT', join(folder, 'output'))
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >> ${join(folder, 'asked')}\n${script}\n`)
  chmodSync(join(folder, name), 0o755)
}

it('puts the digest that a program tells into what comes after it', async () => {
  program('docker', `case "$*" in *inspect*) echo ${DIGESTS.amd64};; esac`)
  program('cosign', '')
  expect(await runPush(imageIndex('engine', { IMAGE, VERSION: '1.0.0' }, DIGESTS))).toBe(DIGESTS.amd64)
  const asked = readFileSync(join(folder, 'asked'), 'utf8')
  expect(asked).toContain(`cosign sign --yes ghcr.io/owner/statefun-engine@${DIGESTS.amd64}\n`)
  expect(readFileSync(join(folder, 'output'), 'utf8')).toBe(`digest=${DIGESTS.amd64}\n`)
})

it('ends with the first command that fails, and where no digest is told', async () => {
  program('docker', 'case "$*" in *create*) echo no such manifest; exit 1;; esac')
  const index = imageIndex('engine', { IMAGE, VERSION: '1.0.0' }, DIGESTS)
  await expect(runPush(index)).rejects.toThrow(/docker buildx failed\n.*no such manifest/)
  await expect(runPush(index.slice(1))).rejects.toThrow(/tells no digest/)
})
