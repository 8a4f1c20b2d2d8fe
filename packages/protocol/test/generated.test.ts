import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const here = import.meta.dirname
const require = createRequire(import.meta.url)

test('the code that the codec is compared with is generated from the .proto files as they are', async () => {
  const out = await mkdtemp(join(tmpdir(), 'statefun-gen-'))
  try {
    await generate(out)
    const expected = await texts(join(out, 'gen'))
    expect(Object.keys(expected)).toHaveLength(6)
    expect(await texts(join(here, 'gen'))).toEqual(expected)
  } finally {
    await rm(out, { recursive: true })
  }
})

async function generate(out: string): Promise<void> {
  const bins = join(dirname(require.resolve('@bufbuild/buf/package.json')), '../../.bin')
  await promisify(execFile)(
    process.execPath,
    [require.resolve('@bufbuild/buf/bin/buf'), 'generate', '-o', out],
    {
      cwd: here,
      env: { ...process.env, PATH: `${bins}${delimiter}${process.env.PATH}` },
    },
  )
}

async function texts(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  )
}
