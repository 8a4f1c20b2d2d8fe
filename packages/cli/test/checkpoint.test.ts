import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, loadModule, MemoryTopics, memoryConnector, startEngine } from '@statefun/engine'
import { defineFunction, types } from '@statefun/sdk'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeWorkFolder, runCli } from './run-cli.ts'

const MODULE = `
kind: io.statefun.endpoints.v2/http
spec:
  functions: shop/*
  urlPathTemplate: http://127.0.0.1:1/statefun
  failurePolicy: { type: park }
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: shop/in
  address: unused:9092
  consumerGroupId: shop
  startupPosition: { type: earliest }
  topics:
    - { topic: carts, valueType: io.statefun.types/string, targets: [shop/cart] }
`

const cart = defineFunction({
  type: 'shop/cart',
  state: { total: types.int, last: types.string },
  accepts: [types.string],
  handle(ctx, item) {
    if (item === 'later') ctx.sendAfter('1 h', cart, ctx.self.id, 'reminder')
    ctx.state.total = (ctx.state.total ?? 0) + 1
    ctx.state.last = item
  },
})

let work: ReturnType<typeof makeWorkFolder>
let folder: string
let count = 0
let topics: MemoryTopics
let engine: Engine | undefined
beforeAll(() => {
  work = makeWorkFolder()
})
afterAll(() => work.remove())
beforeEach(() => {
  folder = join(work.path, `checkpoint-${++count}`)
  topics = new MemoryTopics()
})
afterEach(async () => {
  await engine?.kill()
  engine = undefined
  topics.close()
})

async function start(place: string, app = 'shop'): Promise<Engine> {
  engine = await startEngine({
    app,
    module: loadModule(MODULE, { file: 'module.yaml' }),
    functions: [cart],
    connectors: [memoryConnector(topics)],
    checkpoint: { place, interval: '1 h', compactAfterBytes: 1 },
    admin: { port: 0 },
  })
  return engine
}

async function put(id: string, ...items: string[]): Promise<void> {
  for (const item of items) {
    topics.produce('carts', {
      key: Buffer.from(id),
      value: types.string.serialize(item) as Buffer,
      headers: [],
    })
  }
  await expect.poll(() => last(id)).toBe(items.at(-1))
}

function last(id: string): string | undefined {
  const state = engine!.state('shop/cart', id).find(({ name }) => name === 'last')
  return state === undefined ? undefined : types.string.deserialize(state.value)
}

/** Two carts, the first one with a delayed message; two snapshots, the engine stopped. */
async function filled(): Promise<void> {
  const started = await start(folder)
  await put('alice', 'book', 'later')
  await started.checkpoint()
  for (const items of [['pen'], ['ink', 'paper']]) {
    await put('bob', ...items)
    await started.checkpoint()
    await started.checkpoint()
  }
  await started.stop()
  engine = undefined
}

const cli = (...args: string[]) => runCli(args, { cwd: work.path })
async function json(...args: string[]) {
  const { code, stdout, stderr } = await cli(...args, '--json')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout)
}

describe('statefun checkpoint', () => {
  it('lists snapshots and epochs', async () => {
    await filled()
    const listing = await json('checkpoint', 'list', folder)
    expect(listing).toMatchObject({ identity: { app: 'shop' }, savepoint: false })
    expect(listing.snapshots.length).toBeGreaterThan(0)
    const { code, stdout } = await cli('checkpoint', 'list', `file:${folder}`)
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^checkpoint of app shop, lineage [\w-]+$/)
    expect(lines[1]).toMatch(new RegExp(`^newest epoch ${listing.newestEpoch}, 20\\d\\d-`))
    expect(lines[3]).toMatch(/^what +name +first epoch +last epoch +time +bytes$/)
    const rows = lines.slice(4).map((line) => line.split(/ +/)[1])
    expect(rows).toEqual(
      readdirSync(folder)
        .filter((name) => /^(log|base)-/.test(name))
        .sort(byEpoch),
    )
  })

  it('shows what an epoch holds, and one instance', async () => {
    await filled()
    const summary = await json('checkpoint', 'inspect', folder)
    expect(summary).toMatchObject({
      app: 'shop',
      positions: [{ ingress: 'shop/in', partition: 'carts/0' }],
      functions: [{ typename: 'shop/cart', instances: 2, states: 4, pending: 0, parkedIds: 0, parked: 0 }],
      timers: { count: 1, earliest: expect.any(Number) },
    })
    const { stdout } = await cli('checkpoint', 'inspect', folder)
    expect(stdout).toMatch(/^shop\/cart +2 +4 +\d+ +0 +0 +0$/m)
    expect(stdout).toMatch(/^1 delayed messages, the first is due 20\d\d-/m)
    const bob = await cli('checkpoint', 'inspect', folder, '--function', 'shop/cart', '--id', 'bob')
    expect(bob.stdout).toBe('total = 3  (io.statefun.types/int)\nlast = paper  (io.statefun.types/string)\n')
    const alice = await json('checkpoint', 'inspect', folder, '--function', 'shop/cart', '--id', 'alice')
    expect(alice).toMatchObject({ typename: 'shop/cart', id: 'alice', timers: [expect.any(Number)] })
    expect(
      (await cli('checkpoint', 'inspect', folder, '--function', 'shop/cart', '--id', 'eve')).stdout,
    ).toContain('shop/cart has no state for "eve"')
    const half = await cli('checkpoint', 'inspect', folder, '--id', 'bob')
    expect([half.code, half.stderr]).toEqual([2, expect.stringContaining('belong together')])
  })

  it('shows an earlier epoch as it was', async () => {
    const started = await start(folder)
    await put('bob', 'pen')
    await started.checkpoint()
    const { newestEpoch } = await json('checkpoint', 'list', folder)
    await put('bob', 'ink')
    await started.checkpoint()
    const args = ['checkpoint', 'inspect', folder, '--function', 'shop/cart', '--id', 'bob']
    expect((await cli(...args, '--epoch', String(newestEpoch))).stdout).toContain('last = pen')
    expect((await cli(...args)).stdout).toContain('last = ink')
    const none = await cli(...args, '--epoch', '999')
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('SF_CHECKPOINT_NO_EPOCH')])
  })

  it('verifies, and names the place of damage', async () => {
    await filled()
    const whole = await cli('checkpoint', 'verify', folder)
    expect(whole.code).toBe(0)
    expect(whole.stdout).toMatch(/^ok {7}base-\d+\.sfbase and \d+ epochs up to \d+, \d/m)
    const file = join(
      folder,
      readdirSync(folder)
        .filter((name) => name.startsWith('base-'))
        .sort()
        .at(-1)!,
    )
    const bytes = readFileSync(file)
    bytes[bytes.indexOf('alice')]! ^= 1
    writeFileSync(file, bytes)
    const damaged = await cli('checkpoint', 'verify', folder)
    expect(damaged.code).toBe(1)
    expect(damaged.stdout).toContain(
      `damaged  ${file.slice(folder.length + 1)}: SF_CHECKPOINT_CORRUPT ${file} at byte`,
    )
    const lines = (await cli('checkpoint', 'verify', folder, '--json')).stdout.trimEnd().split('\n')
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ error: { code: 'SF_CHECKPOINT_CORRUPT' } })
  })

  it('says what is missing', async () => {
    const none = await cli('checkpoint', 'list', folder)
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('SF_CHECKPOINT_MISSING')])
    await (await start(folder)).kill()
    const empty = await cli('checkpoint', 'inspect', folder)
    expect([empty.code, empty.stdout]).toEqual([1, ''])
    const nothing = await cli('checkpoint', 'list')
    expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining('SF_CLI_PLACE')])
    const unknown = await cli('checkpoint', 'list', 'gopher://x/y')
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('SF_CHECKPOINT_PLACE')])
  })

  it('finds the place in the configuration', async () => {
    await filled()
    writeFileSync(
      join(work.path, 'place.config.ts'),
      `export const config = { app: 'shop', checkpoint: { place: './checkpoint-${count}' } }\n`,
    )
    expect(await json('checkpoint', 'list', '-c', 'place.config.ts')).toMatchObject({
      identity: { app: 'shop' },
    })
  })
})

describe('statefun savepoint', () => {
  const backup = () => `${folder}-backup`

  it('is taken of a running engine and restored elsewhere, with everything', async () => {
    const started = await start(folder)
    await put('alice', 'book', 'later')
    const created = await json('savepoint', 'create', backup(), '--admin', started.url!)
    expect(created).toEqual({
      app: 'shop',
      epoch: expect.any(Number),
      bytes: expect.any(Number),
      to: backup(),
    })
    await put('alice', 'another')
    const again = await cli('savepoint', 'create', backup(), '--admin', started.url!)
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('SF_SAVEPOINT_TARGET_NOT_EMPTY')])
    expect((await json('checkpoint', 'list', backup())).savepoint).toBe(true)
    await started.kill()

    const target = `${folder}-target`
    const restored = await cli('savepoint', 'restore', backup(), '--to', target)
    expect(restored.stdout).toMatch(
      new RegExp(`^checkpoint of app shop at epoch ${created.epoch}, .*: ${target}\n$`),
    )
    const full = await cli('savepoint', 'restore', backup(), '--to', target)
    expect([full.code, full.stderr]).toEqual([1, expect.stringContaining('SF_SAVEPOINT_TARGET_NOT_EMPTY')])
    const second = await start(target)
    // What came after the savepoint is read again.
    await expect.poll(() => last('alice')).toBe('another')
    expect(await second.metrics.render()).toMatch(/_pendingTimers 1$/m)
    const { identity } = await json('checkpoint', 'list', target)
    expect(identity.parent).toEqual({
      lineage: (await json('checkpoint', 'list', folder)).identity.lineage,
      epoch: created.epoch,
    })
  })

  it('is made of a checkpoint that lies there, up to an epoch', async () => {
    await filled()
    const { newestEpoch } = await json('checkpoint', 'list', folder)
    const exported = await json(
      'checkpoint',
      'export',
      folder,
      '--to',
      backup(),
      '--epoch',
      String(newestEpoch - 1),
    )
    expect(exported).toMatchObject({ app: 'shop', epoch: newestEpoch - 1, to: backup() })
    expect((await cli('checkpoint', 'verify', backup())).code).toBe(0)
  })

  it('is not restored for another app by mistake', async () => {
    await filled()
    await cli('checkpoint', 'export', folder, '--to', backup())
    writeFileSync(join(work.path, 'other.config.ts'), `export const config = { app: 'other' }\n`)
    const args = ['savepoint', 'restore', backup(), '--to', `${folder}-other`, '-c', 'other.config.ts']
    const refused = await cli(...args)
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--app other')])
    expect((await cli(...args, '--app', 'other')).code).toBe(0)
    expect((await json('checkpoint', 'list', `${folder}-other`)).identity.app).toBe('other')
    await start(`${folder}-other`, 'other')
    await expect.poll(() => last('bob')).toBe('paper')
  })
})

function byEpoch(a: string, b: string): number {
  const key = (name: string) => `${/\d+/.exec(name)![0]}${name.startsWith('base') ? 0 : 1}`
  return key(a) < key(b) ? -1 : 1
}
