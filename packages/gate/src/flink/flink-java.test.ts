import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { flinkJava } from './flink-java.ts'

const home = mkdtempSync(join(tmpdir(), 'statefun-flink-java-test-'))
afterAll(() => rmSync(home, { recursive: true }))

function install(version: string): string {
  const java = join(home, version, 'bin', 'java')
  mkdirSync(join(home, version, 'bin'), { recursive: true })
  writeFileSync(java, `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`, { mode: 0o755 })
  return java
}

test('a Java that is named comes before the one that would be fetched', async () => {
  const java = install('11.0.20')
  const env = { STATEFUN_FLINK_JAVA_HOME: join(home, '11.0.20') }
  expect(await flinkJava({ cache: join(home, 'cache'), env, arch: 'arm64' })).toBe(java)
})

test('one that is too old, and a processor that none can be fetched for, are refused', async () => {
  install('8.0.1')
  const env = { STATEFUN_FLINK_JAVA_HOME: join(home, '8.0.1') }
  const options = { cache: join(home, 'cache'), arch: 'arm64' }
  await expect(flinkJava({ ...options, env })).rejects.toMatchObject({ code: 'SF_GATE_NO_JAVA' })
  await expect(flinkJava({ ...options, env: {} })).rejects.toMatchObject({
    code: 'SF_GATE_NO_JAVA',
    hint: expect.stringContaining('STATEFUN_FLINK_JAVA_HOME'),
  })
})
