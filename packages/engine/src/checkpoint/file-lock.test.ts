import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lockFolder } from './file-lock.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'statefun-lock-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const lock = (content: string) => writeFile(join(folder, 'lock'), content)

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid!
}

it('keeps others out until it is released, and leaves nothing behind', async () => {
  const release = await lockFolder(folder)
  await expect(lockFolder(folder)).rejects.toMatchObject({
    code: 'SF_CHECKPOINT_LOCKED',
    where: folder,
    message: expect.stringContaining(String(process.pid)),
  })
  expect(await readdir(folder)).toEqual(['lock'])
  await release()
  expect(await readdir(folder)).toEqual([])
  await (await lockFolder(folder))()
})

it('says who may not write to the folder, and what to do', async () => {
  // A folder that refuses root as well, whom permissions do not stop.
  const folder = process.platform === 'darwin' ? '/System' : '/sys'
  await expect(lockFolder(folder)).rejects.toMatchObject({
    code: 'SF_CHECKPOINT_WRITE',
    where: folder,
    hint: expect.stringContaining('checkpoint.place'),
  })
})

it('takes over from a process that is gone', async () => {
  await lock(JSON.stringify({ pid: await deadPid(), started: '1' }))
  const release = await lockFolder(folder)
  expect(JSON.parse(await readFile(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid })
  await release()
})

it('takes over when the number of the process was given to another one', async () => {
  await lock(JSON.stringify({ pid: process.pid, started: '1' }))
  await (await lockFolder(folder))()
})

it('takes over from a lock that a loss of power left damaged', async () => {
  await lock('{"pid":')
  await (await lockFolder(folder))()
})

it('is given to one of many that ask at once, also when they all find a stale lock', async () => {
  const dead = await deadPid()
  for (let round = 0; round < 10; round++) {
    if (round % 2 === 0) await lock(JSON.stringify({ pid: dead, started: '1' }))
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)))
    const given = asked.filter((answer) => answer.status === 'fulfilled')
    expect(given).toHaveLength(1)
    for (const { value: release } of given) await release()
    expect(await readdir(folder)).toEqual([])
  }
})

it('is not released by one that has lost it', async () => {
  const release = await lockFolder(folder)
  await lock('somebody else')
  await release()
  expect(await readFile(join(folder, 'lock'), 'utf8')).toBe('somebody else')
})
