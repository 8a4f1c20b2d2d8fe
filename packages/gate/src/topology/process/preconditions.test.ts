import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { preconditions, type Surroundings } from './preconditions.ts'

const BOTH = { engines: ['embedded', 'flink'], kinesis: true } as const
const folder = mkdtempSync(join(tmpdir(), 'statefun-preconditions-test-'))

/** A machine that has everything and has fetched nothing yet. */
let complete: Surroundings & { readonly env: NodeJS.ProcessEnv }

beforeAll(() => {
  const home = join(folder, 'jdk')
  program('jdk/bin/java', 'echo \'openjdk version "17.0.1"\' >&2')
  complete = {
    env: { JAVA_HOME: home, STATEFUN_FLINK_JAVA_HOME: home },
    python: program('python', 'echo Python 3.12.1'),
    npm: program('npm', 'echo 11.0.0'),
    maven: program('mvn', 'echo Apache Maven 3.9.9'),
    cache: join(folder, 'cache'),
    temporary: folder,
    roomBytes: 1,
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

function program(name: string, script: string): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

const nowhere = join(folder, 'nowhere')

describe('what an app on real parts needs', () => {
  test('is all there', async () => {
    expect(await preconditions(BOTH, complete)).toEqual([])
  })

  test.each<readonly [string, () => Partial<Surroundings>, string, RegExp]>([
    ['Java', () => ({ env: { JAVA_HOME: nowhere } }), 'SF_GATE_NO_JAVA', /apt install openjdk-17/],
    ['Python', () => ({ python: nowhere }), 'SF_GATE_NO_PYTHON', /apt install python3/],
    [
      'a Python that is new enough',
      () => ({ python: program('old-python', 'echo Python 3.9.2') }),
      'SF_GATE_PYTHON_VERSION',
      /install a newer one/,
    ],
    ['npm', () => ({ npm: nowhere }), 'SF_GATE_NO_NPM', /apt install npm/],
    ['Maven', () => ({ maven: nowhere }), 'SF_GATE_NO_MAVEN', /apt install maven/],
    ['room on the disk', () => ({ roomBytes: 2 ** 60 }), 'SF_GATE_DISK_FULL', /TMPDIR/],
  ])('says how to get %s', async (_what, lacking, code, hint) => {
    const found = await preconditions({ ...BOTH, engines: ['embedded'] }, { ...complete, ...lacking() })
    expect(found.map((error) => [error.code, error.hint])).toEqual([[code, expect.stringMatching(hint)]])
  })

  test('says all of it at once', async () => {
    const found = await preconditions(BOTH, {
      ...complete,
      python: nowhere,
      npm: nowhere,
      roomBytes: 2 ** 60,
    })
    expect(found.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['SF_GATE_NO_PYTHON', 'SF_GATE_NO_NPM', 'SF_GATE_DISK_FULL']),
    )
  })

  test('is less without Kinesis and with a repository to fetch from', async () => {
    const env = { ...complete.env, STATEFUN_MAVEN_REPOSITORY: 'https://repository.example' }
    const without = { engines: ['embedded'], kinesis: false } as const
    expect(await preconditions(without, { ...complete, env, npm: nowhere, maven: nowhere })).toEqual([])
  })
})
