import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { watchFolder } from './watch.ts'

let folder: string
let changes: string[][]
let end: () => void
const write = (path: string) => writeFileSync(join(folder, path), String(Math.random()))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statefun-watch-'))
  for (const name of ['src', 'node_modules', '.statefun']) mkdirSync(join(folder, name))
  changes = []
  end = watchFolder(folder, (paths) => void changes.push([...paths]))
})
afterEach(() => {
  end()
  rmSync(folder, { recursive: true, force: true })
})

async function nextChange() {
  for (let tries = 0; tries < 200 && changes.length === 0; tries++) await sleep(10)
  return changes.shift()
}

it('reports changes that come together once', async () => {
  write('module.yaml')
  write('src/functions.ts')
  write('src/functions.ts')
  expect(await nextChange()).toEqual(['module.yaml', join('src', 'functions.ts')])
  await sleep(200)
  expect(changes).toEqual([])
})

it('finds files in folders that are made later', async () => {
  mkdirSync(join(folder, 'later', 'deep'), { recursive: true })
  write('later/deep/a.ts')
  expect(await nextChange()).toEqual([join('later', 'deep', 'a.ts')])
  write('later/deep/b.ts')
  expect(await nextChange()).toEqual([join('later', 'deep', 'b.ts')])
})

it('does not care for dependencies, its own files and other kinds of files', async () => {
  write('node_modules/x.js')
  write('.statefun/topics.json')
  write('notes.txt')
  await sleep(300)
  expect(changes).toEqual([])
})

it('outlives the end of a folder', async () => {
  rmSync(join(folder, 'src'), { recursive: true })
  await sleep(50)
  write('module.yaml')
  expect(await nextChange()).toEqual(['module.yaml'])
  mkdirSync(join(folder, 'src'))
  await sleep(50)
  write('src/again.ts')
  expect(await nextChange()).toEqual([join('src', 'again.ts')])
})
