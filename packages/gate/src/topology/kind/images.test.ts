import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ContainerEngine } from '@statefun/flink'
import { StatefunError } from '@statefun/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { archiveImages, ensureImages, imageId, loadArchive } from './images.ts'

const work = { progress: () => undefined, signal: new AbortController().signal }

/** As `crictl images` lists it. */
interface NodeImage {
  readonly id: string
  readonly repoTags?: readonly string[]
}

/** An engine that holds some images, and remembers what it was asked for. */
function engineWith(held: Readonly<Record<string, string>>, onNode: readonly NodeImage[] = []) {
  const commands: string[] = []
  const engine: ContainerEngine = {
    name: 'docker',
    async run(args) {
      commands.push(args.join(' '))
      const image = args.at(-1) ?? ''
      switch (args[0]) {
        case 'image':
          if (held[image] !== undefined) return `${held[image]}\n`
          throw new StatefunError('SF_CONTAINER_COMMAND', 'no such image')
        case 'pull':
          throw new StatefunError('SF_CONTAINER_COMMAND', 'pull failed', {
            excerpt: `dial tcp: lookup registry.example.com: no such host`,
          })
        case 'exec':
          return JSON.stringify({ images: onNode })
        default:
          return ''
      }
    },
  }
  return { engine, commands }
}

test('what the engine holds is not pulled', async () => {
  const { engine, commands } = engineWith({ 'a:1': 'sha256:1' })
  await ensureImages(engine, ['a:1'], '', work)
  expect(commands.filter((command) => command.startsWith('pull'))).toEqual([])
  expect(await imageId(engine, 'a:1')).toBe('sha256:1')
  expect(await imageId(engine, 'b:1')).toBeUndefined()
})

test('a pull that fails names image, prefix and remedy', async () => {
  const { engine } = engineWith({})
  const prefix = 'registry.example.com/proxy/'
  await expect(ensureImages(engine, [`${prefix}apache/kafka:3.9.0`], prefix, work)).rejects.toMatchObject({
    code: 'SF_IMAGE_PULL',
    message: expect.stringMatching(
      /registry\.example\.com\/proxy\/apache\/kafka:3\.9\.0 .*IMAGE_REGISTRY_PREFIX=registry\.example\.com\/proxy\//,
    ),
    excerpt: expect.stringContaining('no such host'),
    hint: expect.stringMatching(/docker login.*a local image is used/),
  })
})

test('one archive holds all images, of a cluster that is there those it lacks', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'statefun-images-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'images.tar')
  const held = { 'a:1': 'sha256:1', 'b:1': 'sha256:2' }
  const fresh = engineWith(held)
  expect(await archiveImages(fresh.engine, undefined, ['a:1', 'b:1'], path, work)).toEqual({
    images: ['a:1', 'b:1'],
    path,
  })
  expect(fresh.commands.at(-1)).toBe(`save --output ${path} a:1 b:1`)
  const [first, second] = [
    { id: 'sha256:1', repoTags: ['docker.io/library/a:1'] },
    { id: '2', repoTags: ['docker.io/library/b:1', 'registry.example.com/b:2'] },
  ]
  const kept = engineWith(held, [first])
  expect((await archiveImages(kept.engine, 'c', ['a:1', 'b:1'], path, work)).images).toEqual(['b:1'])
  expect(kept.commands).toContain('exec c-control-plane crictl images --output json')
  const same = engineWith(held, [first, second])
  expect((await archiveImages(same.engine, 'c', ['a:1', 'b:1'], path, work)).images).toEqual([])
  expect(same.commands.some((command) => command.startsWith('save'))).toBe(false)
})

test('an image that the node holds under another name, or whose name is that of another image by now, is brought again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'statefun-images-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const held = { 'a:1': 'sha256:1', 'registry.example.com/a:1': 'sha256:1' }
  // Swapped for another one and back: the former content is still there, without a name.
  const onNode = [
    { id: 'sha256:1', repoTags: [] },
    { id: 'sha256:9', repoTags: ['docker.io/library/a:1'] },
  ]
  const swapped = await archiveImages(
    engineWith(held, onNode).engine,
    'c',
    ['a:1'],
    join(folder, 'x.tar'),
    work,
  )
  expect(swapped.images).toEqual(['a:1'])
  const named = [{ id: 'sha256:1', repoTags: ['docker.io/library/a:1'] }]
  const images = Object.keys(held)
  const other = await archiveImages(engineWith(held, named).engine, 'c', images, join(folder, 'x.tar'), work)
  expect(other.images).toEqual(['registry.example.com/a:1'])
})

test('an archive goes into the node as soon as its containerd answers, whether the cluster is there or not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'statefun-images-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'images.tar')
  await writeFile(path, '')
  const commands: string[] = []
  let asked = 0
  const engine: ContainerEngine = {
    name: 'docker',
    async run(args) {
      commands.push(args.join(' '))
      if (args.includes('version') && ++asked < 3) {
        throw new StatefunError('SF_CONTAINER_COMMAND', 'no such container')
      }
      return ''
    },
  }
  await loadArchive(engine, 'c', { images: ['a:1'], path }, new Promise(() => undefined), work)
  expect(commands.slice(0, 3)).toEqual(Array(3).fill('exec c-control-plane ctr version'))
  expect(commands[3]).toMatch(
    /^exec c-control-plane sh -c .*images import .* \/statefun\/images\/images\.tar$/s,
  )
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a cluster that cannot be made is what its images say as well', async () => {
  const engine: ContainerEngine = {
    name: 'docker',
    run: () => Promise.reject(new StatefunError('SF_CONTAINER_COMMAND', 'no such container')),
  }
  const booted = Promise.reject(new StatefunError('SF_GATE_KIND_CREATE', 'the cluster cannot be made'))
  await expect(
    loadArchive(engine, 'c', { images: ['a:1'], path: join(tmpdir(), 'none.tar') }, booted, work),
  ).rejects.toMatchObject({ code: 'SF_GATE_KIND_CREATE' })
})
