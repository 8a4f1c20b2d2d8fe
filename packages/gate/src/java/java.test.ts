import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findJava } from './java.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'statefun-java-test-'))
  mkdirSync(join(home, 'bin'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const install = (script: string) =>
  writeFileSync(join(home, 'bin', 'java'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })

test('JAVA_HOME comes before PATH', async () => {
  install(`echo 'openjdk version "21.0.4" 2024-07-16' >&2`)
  expect(await findJava({ env: { JAVA_HOME: home, PATH: process.env.PATH } })).toEqual({
    command: join(home, 'bin', 'java'),
    major: 21,
    version: '21.0.4',
  })
})

test('the one on PATH is found without JAVA_HOME', async () => {
  install(`echo 'openjdk version "25" 2025-09-16' >&2`)
  expect(await findJava({ env: { PATH: `${join(home, 'bin')}:${process.env.PATH}` } })).toMatchObject({
    major: 25,
  })
})

test('an older one is refused by its version', async () => {
  install(`echo 'java version "1.8.0_402"' >&2`)
  await expect(findJava({ env: { JAVA_HOME: home } })).rejects.toMatchObject({
    code: 'SF_GATE_NO_JAVA',
    message: expect.stringContaining('Java 1.8.0_402'),
  })
})

test('without any, or with a stub that fails, the error says how to get one', async () => {
  for (const env of [{ PATH: join(home, 'nothing') }, { JAVA_HOME: home }]) {
    const error = {
      code: 'SF_GATE_NO_JAVA',
      hint: expect.stringMatching(/apt install.*brew install.*pip install/s),
    }
    await expect(findJava({ env })).rejects.toMatchObject(error)
    install('echo "The operation could not be completed. Unable to locate a Java Runtime." >&2; exit 1')
  }
})
