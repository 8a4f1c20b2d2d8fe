import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { NodeScratchFolder } from './node-scratch-folder.ts'

const folders: string[] = []

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

describe('a scratch folder on disk', () => {
  it('is empty once it is closed, also of files whose removal is under way', async () => {
    const path = await mkdtemp(join(tmpdir(), 'statefun-scratch-'))
    folders.push(path)
    const folder = new NodeScratchFolder(path)
    await folder.open()
    const [removed, left] = [folder.create('0'), folder.create('1')]
    await removed.append(Buffer.from('some bytes'))
    await left.append(Buffer.from('other bytes'))
    removed.remove()
    await folder.close()
    expect(await readdir(path)).toEqual([])
    const into = Buffer.alloc(5)
    left.readNow(into, 5, 6)
    expect(into.toString()).toBe('bytes')
    left.remove()
    await folder.close()
  })
})
