import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findJava } from './java.ts'
import { javaClasses } from './java-classes.ts'

async function folderWith(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'statefun-java-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const source = join(folder, 'Hello.java')
  await writeFile(source, text)
  return { source, cache: join(folder, 'cache') }
}

function hello(word: string): string {
  return `public class Hello { public static void main(String[] args) { System.out.print("${word}"); } }`
}

test('classes are compiled once, and again when the source has changed', async () => {
  const java = await findJava()
  const { source, cache } = await folderWith(hello('one'))
  const classes = await javaClasses(java, { sources: [source], classPath: [] }, { cache })
  expect(execFileSync(java.command, ['-cp', classes, 'Hello'], { encoding: 'utf8' })).toBe('one')

  const without = { ...java, command: join(cache, 'no-java') }
  expect(await javaClasses(without, { sources: [source], classPath: [] }, { cache })).toBe(classes)

  await writeFile(source, hello('two'))
  const changed = await javaClasses(java, { sources: [source], classPath: [] }, { cache })
  expect(execFileSync(java.command, ['-cp', changed, 'Hello'], { encoding: 'utf8' })).toBe('two')
})

test('what the compiler says is told, and nothing is kept', async () => {
  const { source, cache } = await folderWith('public class Hello { int x = "text"; }')
  await expect(
    javaClasses(await findJava(), { sources: [source], classPath: [] }, { cache }),
  ).rejects.toMatchObject({
    code: 'SF_GATE_JAVAC',
    where: source,
    excerpt: expect.stringContaining('incompatible types'),
  })
  expect(await readdir(join(cache, 'java-classes'))).toEqual([])
})
