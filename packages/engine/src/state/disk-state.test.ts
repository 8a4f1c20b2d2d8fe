import { StatefunError } from '@statefun/protocol'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.ts'
import type { FunctionType } from '../core/function-type.ts'
import { FunctionTypes } from '../core/function-types.ts'
import type { Instance } from '../core/instance.ts'
import { DiskState, type DiskStateSettings } from './disk-state.ts'
import { MemoryScratchFolder } from './testing/memory-scratch-folder.ts'

const TINY = { cacheBytes: 0, segmentBytes: 300, chunkBytes: 80, spareBytes: 0 }

/** A disk backend with the ends of its surroundings in a test's hands. */
class Kit {
  readonly folder = new MemoryScratchFolder()
  readonly types: FunctionTypes
  readonly type: FunctionType
  readonly disk: DiskState
  readonly loaded: string[] = []
  readonly failures: StatefunError[] = []
  now = 1_000_000
  pokes: (() => void)[] = []

  constructor(settings: Partial<DiskStateSettings> = {}) {
    const settingsOf = { maxNumBatchRequests: 0, failurePolicy: { type: 'fail' } } as const
    this.types = new FunctionTypes(
      [{ namespace: 'test', name: undefined, settings: settingsOf }],
      () => undefined,
    )
    this.disk = new DiskState({
      ...TINY,
      folder: this.folder,
      ...settings,
      types: this.types,
      clock: {
        ...systemClock,
        now: () => this.now,
        after: (_milliseconds, callback) => {
          this.pokes.push(callback)
          return () => undefined
        },
      },
      loaded: (instance) => this.loaded.push(instance.id),
      drained: () => undefined,
      failed: (error) => this.failures.push(error),
    })
    this.type = this.types.get('test', 'fn', 'test')
    this.disk.started()
    kits.push(this)
  }

  /** Declares a state that expires so long after it was written; 0: never. */
  declare(stateName: string, expireAfterMs = 0): void {
    const expireMode = expireAfterMs === 0 ? 'none' : 'after-write'
    this.type.register({ stateName, typename: 'test/text', expireMode, expireAfterMs })
  }

  set(id: string, ...values: (string | undefined)[]): Instance {
    const instance = this.type.instance(id)
    for (const [slot, value] of values.entries())
      instance.setValue(slot, value === undefined ? undefined : Buffer.from(value), this.now)
    return instance
  }

  /** Of what is in memory. */
  get ids(): string[] {
    return [...this.type.allInMemory()].map(({ id }) => id)
  }

  trim(): void {
    // Twice: the first time may only take the second chance of each.
    for (let i = 0; i < 2; i++) this.disk.trim(this.now)
  }

  /** Starts the background work that a second of idling starts, and lets it go on for a while. */
  async idle(): Promise<void> {
    for (const poke of this.pokes.splice(0)) poke()
    await turns(30)
  }
}

const kits: Kit[] = []

afterEach(async () => {
  for (const kit of kits.splice(0)) await kit.disk.close()
})

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

function texts(instance: Instance | undefined): (string | undefined)[] {
  if (instance === undefined) return []
  return Array.from({ length: instance.slots }, (_, slot) => {
    const value = instance.value(slot)
    return value === undefined ? undefined : Buffer.from(value).toString()
  })
}

describe('the disk backend', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'é', '😀', 'x'.repeat(100))
  const operation = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('set' as const),
        id,
        slot: fc.integer({ min: 0, max: 1 }),
        text: fc.option(fc.string({ maxLength: 200 }), { nil: undefined }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), id }) },
    { weight: 4, arbitrary: fc.constant({ kind: 'trim' as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'idle' as const }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 9000 }) }),
    },
  )

  it('holds what a map holds, whatever moves between memory and disk and is cleaned up meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 150, size: 'max' }),
        fc.boolean(),
        async (operations, patient) => {
          const kit = new Kit({ patient })
          kit.declare('plain')
          kit.declare('expiring', 10_000)
          const model = new Map<string, (string | undefined)[]>()
          const writtenAt = new Map<string, number>()
          const expected = (id: string): (string | undefined)[] => {
            const [plain, expiring] = model.get(id) ?? []
            const gone = kit.now >= (writtenAt.get(id) ?? 0) + 10_000
            return [plain, gone ? undefined : expiring]
          }
          const bring = async (id: string): Promise<Instance> => {
            const instance = kit.type.instance(id)
            if (instance.loading) {
              kit.disk.load()
              await expect.poll(() => instance.loading, { interval: 1 }).toBe(false)
            }
            return instance
          }
          const held = (instance: Instance | undefined): (string | undefined)[] => {
            const [plain, expiring] = texts(instance)
            return [
              plain,
              instance !== undefined && kit.now >= instance.stamp(1) + 10_000 ? undefined : expiring,
            ]
          }
          for (const operation of operations) {
            if (operation.kind === 'trim') kit.trim()
            else if (operation.kind === 'idle') await kit.idle()
            else if (operation.kind === 'pass') kit.now += operation.ms
            else if (operation.kind === 'read')
              expect(held(await bring(operation.id))).toEqual(expected(operation.id))
            else {
              const { id, slot, text } = operation
              const instance = await bring(id)
              instance.setValue(slot, text === undefined ? undefined : Buffer.from(text), kit.now)
              const values = model.get(id) ?? [undefined, undefined]
              values[slot] = text
              model.set(id, values)
              if (slot === 1) writtenAt.set(id, kit.now)
            }
          }
          kit.trim()
          for (const id of model.keys()) {
            expect(held(kit.type.inMemory(id) ?? kit.disk.peek(kit.type, id)), id).toEqual(expected(id))
          }
          const ids = await kit.disk.ids(kit.type, 100)
          expect(new Set(ids).size).toBe(ids.length)
          expect(ids.length).toBe(kit.disk.statistics.instances)
          expect(kit.failures).toEqual([])
          expect(kit.type.valueBytes).toBe(
            [...kit.type.allInMemory()].reduce((sum, instance) => sum + instance.valueBytes, 0),
          )
        },
      ),
      { numRuns: 150 },
    )
  }, 60_000)

  it('leaves in memory what has messages or a call under way', () => {
    const kit = new Kit()
    kit.declare('total')
    const message = {
      caller: undefined,
      argument: { typename: 't', hasValue: false, value: new Uint8Array(0) },
    }
    const [waiting, called, parked] = ['a', 'b', 'c'].map((id) => kit.set(id, 'x'))
    kit.set('e', 'x')
    waiting!.enqueue(message)
    called!.inFlight = [message]
    parked!.parked = true
    kit.trim()
    expect(kit.ids.sort()).toEqual(['a', 'b', 'c'])
    expect(kit.disk.statistics.instances).toBe(1)
  })

  it('gives what was called since a second chance', () => {
    const kit = new Kit({ cacheBytes: 3 * 450 })
    kit.declare('total')
    for (const id of ['a', 'b', 'c', 'd']) kit.set(id, 'x')
    kit.type.instance('a').calls = 2
    kit.disk.trim(kit.now)
    expect(kit.ids.sort()).toEqual(['a', 'c', 'd'])
  })

  it('keeps what comes back soon, and lets go of the others while they are young', () => {
    const kit = new Kit({ cacheBytes: 100 * 450 })
    kit.declare('total')
    for (let i = 0; i < 300; i++) {
      kit.set(`once${i}`, 'x')
      if (i % 10 === 0) kit.set(`often${(i / 10) % 5}`, 'x').calls = 1
      kit.disk.trim(kit.now)
    }
    expect(kit.ids.filter((id) => id.startsWith('often')).sort()).toEqual(
      [0, 1, 2, 3, 4].map((i) => `often${i}`),
    )
    expect(kit.disk.cachedBytes).toBeLessThanOrEqual(100 * 450)
    // Those from the time when there was room for all, and the last few.
    const once = kit.ids.filter((id) => id.startsWith('once')).map((id) => Number(id.slice(4)))
    expect(once).toContain(0)
    expect(once).toContain(299)
    expect(once).not.toContain(200)
  })

  it('takes no more input while more has messages than there is room for', () => {
    const kit = new Kit({ cacheBytes: 1_000_000 })
    kit.declare('total')
    const instances = Array.from({ length: 30_000 }, (_, i) => kit.set(`k${i}`, 'x'))
    for (const instance of instances) instance.queued = true
    kit.disk.trim(kit.now)
    expect(kit.disk.saturated).toBe(true)
    for (const instance of instances) instance.queued = false
    kit.disk.trim(kit.now)
    expect(kit.disk.saturated).toBe(false)
    expect(kit.disk.cachedBytes).toBeLessThanOrEqual(1_000_000)
  })

  it('keeps an id that has no form in UTF-8 in memory', () => {
    const kit = new Kit()
    kit.declare('total')
    kit.set('\ud800', 'one')
    kit.set('\ud801', 'two')
    kit.trim()
    expect(texts(kit.type.instance('\ud800'))).toEqual(['one'])
    expect(texts(kit.type.instance('\ud801'))).toEqual(['two'])
  })
})

describe('files that hold more gaps than records', () => {
  it('are rewritten', async () => {
    const kit = new Kit()
    kit.declare('total')
    for (let round = 0; round < 30; round++) {
      for (const id of ['a', 'b', 'c']) kit.set(id, `${id} ${round} ${'.'.repeat(50)}`)
      kit.trim()
      await kit.idle()
    }
    const { liveBytes, fileBytes } = kit.disk.statistics
    expect(fileBytes).toBeLessThan(liveBytes * 2 + 3 * 300)
    expect(kit.folder.files.size).toBeLessThan(6)
    expect(texts(kit.type.instance('b'))).toEqual([`b 29 ${'.'.repeat(50)}`])
  })
})

describe('a state that expires on disk', () => {
  it('is removed without being asked for', async () => {
    const kit = new Kit({ spareBytes: 1_000_000 })
    kit.declare('total', 20_000)
    for (let i = 0; i < 20; i++) kit.set(`k${i}`, 'x'.repeat(20))
    kit.trim()
    // What is still gathered for the next write is not looked at.
    for (let i = 0; i < 10; i++) kit.set(`late${i}`, 'x'.repeat(20))
    kit.trim()
    await kit.idle()
    expect(kit.disk.statistics.instances).toBe(30)
    kit.now += 20_000
    for (let i = 0; i < 10; i++) await kit.idle()
    expect(kit.disk.statistics.instances).toBeLessThan(12)
    expect(kit.folder.files.size).toBeLessThan(4)
  })
})

describe('an instance that is read from a slow disk', () => {
  it('is found also when its record is moved meanwhile', async () => {
    const kit = new Kit({ patient: true })
    kit.declare('total')
    for (let i = 0; i < 12; i++) kit.set(`k${i}`, 'x'.repeat(60))
    kit.trim()
    await turns(10)
    const reads: (() => void)[] = []
    kit.folder.before = (what) =>
      what === 'append' ? Promise.resolve() : new Promise((resolve) => reads.push(resolve))
    const instance = kit.type.instance('k0')
    expect(instance.loading).toBe(true)
    kit.disk.load()
    await turns(1)
    const [read] = reads.splice(0)
    kit.folder.before = async () => undefined
    // Everything else is read and changed: the file that holds the one under way becomes mostly gaps.
    for (let i = 1; i < 12; i++) kit.type.instance(`k${i}`)
    kit.disk.load()
    await turns(10)
    kit.trim()
    for (let i = 0; i < 10; i++) await kit.idle()
    read!()
    await turns(10)
    expect(kit.loaded.filter((id) => id === 'k0')).toEqual(['k0'])
    expect(texts(instance)).toEqual(['x'.repeat(60)])
    expect(kit.failures).toEqual([])
  })

  it('ends the job when it cannot be read', async () => {
    const kit = new Kit({ patient: true })
    kit.declare('total')
    for (let i = 0; i < 12; i++) kit.set(`k${i}`, 'x'.repeat(60))
    kit.trim()
    await turns(10)
    kit.folder.before = async () => {
      throw new Error('input/output error')
    }
    kit.type.instance('k0')
    kit.disk.load()
    await turns(10)
    expect(kit.failures).toMatchObject([
      { code: 'SF_STATE_DISK', message: expect.stringContaining('input/output error') },
    ])
  })
})

describe('a disk that is full', () => {
  it('ends the job', async () => {
    const kit = new Kit()
    kit.declare('total')
    kit.folder.before = async () => {
      throw new Error('no space left on device')
    }
    for (let i = 0; i < 12; i++) kit.set(`k${i}`, 'x'.repeat(60))
    kit.trim()
    await turns(5)
    expect(kit.failures).toHaveLength(1)
    expect(kit.failures[0]).toBeInstanceOf(StatefunError)
    expect(kit.failures[0]!.code).toBe('SF_STATE_DISK')
  })
})
