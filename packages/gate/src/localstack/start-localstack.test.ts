import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startLocalStack } from './start-localstack.ts'

const folder = mkdtempSync(join(tmpdir(), 'statefun-localstack-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A Python whose pip installs nothing, and which cannot run LocalStack. */
const PIP_WORKS =
  'case "$*" in --version) echo Python 3.12.2 ;; *pip*) for last; do :; done; mkdir "$(dirname "$last")/packages" ;; ' +
  '*) echo "No component plugins found"; exit 1 ;; esac'

function python(name: string, script: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

test('without Python it says how to get it', async () => {
  await expect(startLocalStack({ python: join(folder, 'nowhere') })).rejects.toMatchObject({
    code: 'SF_GATE_NO_PYTHON',
    hint: expect.stringContaining('apt install python3'),
  })
})

test('a Python that is too old is named', async () => {
  await expect(startLocalStack({ python: python('old', 'echo Python 3.9.2') })).rejects.toMatchObject({
    code: 'SF_GATE_PYTHON_VERSION',
    message: expect.stringContaining('Python 3.9.2'),
    hint: expect.stringContaining('apt install python3'),
  })
})

test('without npm it says how to get it, when Kinesis is asked for', async () => {
  const options = { python: python('for-npm', PIP_WORKS), npm: join(folder, 'nowhere'), cacheDir: folder }
  await expect(startLocalStack(options)).rejects.toMatchObject({
    code: 'SF_GATE_NO_NPM',
    hint: expect.stringContaining('apt install npm'),
  })
})

test('what pip says is shown when it cannot install', async () => {
  const script = '[ "$1" = --version ] && echo Python 3.12.1 && exit 0; echo "no such index" >&2; exit 1'
  const options = { python: python('offline', script), cacheDir: folder }
  await expect(startLocalStack(options)).rejects.toMatchObject({
    code: 'SF_GATE_PIP',
    excerpt: 'no such index',
  })
})

test('a process that ends while it starts shows the end of its log', async () => {
  const options = { python: python('broken', PIP_WORKS), cacheDir: folder, services: ['s3'] as const }
  const error = await startLocalStack(options).catch((reason: unknown) => reason as { where: string })
  expect(error).toMatchObject({
    code: 'SF_GATE_START_FAILED',
    excerpt: 'No component plugins found',
    where: expect.stringMatching(/localstack\.log$/),
  })
  rmSync(join((error as { where: string }).where, '..'), { recursive: true })
})
