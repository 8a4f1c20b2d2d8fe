import type { DelayedInvocation, OutgoingMessage, StateMutation } from '@statefun/protocol'
import { StatefunError } from '@statefun/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SealedEpoch } from '../core/sealed-epoch.ts'
import { CoreHarness, type Effects, response, text } from '../core/testing/core-harness.ts'
import type { DiskStateSettings } from '../state/disk-state.ts'
import { MemoryScratchFolder } from '../state/testing/memory-scratch-folder.ts'
import { encodeBase } from './encode-epoch.ts'
import { encodeSpilledBase } from './encode-spilled-base.ts'
import { type Frame, FrameKind } from './frame.ts'
import { encoded, picture, replayed } from './testing/replay.ts'

const FUNCTIONS = ['fn', 'other']
const STATES = [
  { stateName: 'plain', typename: 'test/text', expireMode: 'none', expireAfterMs: 0 },
  { stateName: 'written', typename: 'test/text', expireMode: 'after-write', expireAfterMs: 60 },
  { stateName: 'called', typename: 'test/text', expireMode: 'after-invoke', expireAfterMs: 60 },
] as const

const id = fc.constantFrom('a', 'b', 'c')
const fn = fc.constantFrom(...FUNCTIONS)
const target = fc.record({ namespace: fc.constant('test'), type: fn, id })
const token = fc.constantFrom('t', 'u')

/** What an answer does; tokens that the contract forbids at that moment are left out when it is applied. */
const effect = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('set' as const), state: fc.constantFrom(...STATES) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), state: fc.constantFrom(...STATES) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('send' as const), target }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('delay' as const),
      target,
      token: fc.option(token, { nil: undefined }),
      delayMs: fc.integer({ min: 0, max: 50 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), token }) },
)

const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('record' as const), id, fn }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      which: fc.nat(),
      effects: fc.array(effect, { maxLength: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('fail' as const), which: fc.nat() }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('redrive' as const), which: fc.nat() }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'seal' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'base' as const }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'scan' as const }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'encode' as const }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'trim' as const }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'load' as const }) },
)

/** Without memory to speak of, everything is moved to disk as soon as it may be, through tiny files. */
const ON_DISK = { cacheBytes: 0, segmentBytes: 200, chunkBytes: 60, spareBytes: 0 }
const backend = fc.constantFrom('hashmap' as const, 'disk' as const, 'slow disk' as const)
type Backend = typeof backend extends fc.Arbitrary<infer T> ? T : never

function settings(backend: Backend): DiskStateSettings | undefined {
  if (backend === 'hashmap') return undefined
  return { ...ON_DISK, folder: new MemoryScratchFolder(), patient: backend === 'slow disk' }
}
type Effect = typeof effect extends fc.Arbitrary<infer T> ? T : never
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

interface Epoch {
  readonly epoch: number
  readonly frame: Frame
}

/** A snapshot being taken, as the coordinator does it: its log begins at the cut before the scan. */
interface Base {
  readonly from: number
  readonly chunks: Generator<Buffer> | AsyncGenerator<Buffer | undefined>
  readonly frames: Frame[]
  /** The epoch that has to be in the log before the snapshot counts; unknown while the scan goes on. */
  validFrom: number | undefined
}

/** A core that random operations are applied to, and the checkpoint that they leave. */
class Subject {
  readonly harness
  readonly log: Epoch[] = []
  base: Base | undefined
  #published: Base | undefined
  #unencoded: { readonly sealed: SealedEpoch; readonly payload: Buffer } | undefined
  #texts = 0
  #records: [string, string][] = []
  readonly #feed
  readonly #otherRecords: [string, string][] = []
  readonly #otherFeed

  constructor(disk: DiskStateSettings | undefined) {
    this.harness = new CoreHarness({ policy: { type: 'park' }, maxBatch: 3, maxInFlight: 3, disk })
    this.harness.disk?.started()
    this.#feed = this.harness.feed(this.#records, ['fn'])
    this.#otherFeed = this.harness.feed(this.#otherRecords, ['other'], 'topic/1')
    for (const name of FUNCTIONS) {
      const type = this.harness.core.types.get('test', name, 'test')
      for (const state of STATES) type.register(state)
    }
  }

  async apply(operation: Operation): Promise<void> {
    const { harness } = this
    const { core, calls, disk } = harness
    switch (operation.kind) {
      case 'record':
        ;(operation.fn === 'fn' ? this.#records : this.#otherRecords).push([operation.id, this.#text()])
        this.#run()
        return
      case 'answer':
      case 'fail': {
        if (calls.length === 0) return
        const [call] = calls.splice(operation.which % calls.length, 1)
        if (operation.kind === 'fail')
          core.failed(call!.instance, new StatefunError('SF_TEST', 'boom'), harness.now)
        else {
          const effects = this.#effects(call!.instance.id, operation.effects)
          core.answered(call!.instance, response(effects), harness.now)
        }
        this.#run()
        return
      }
      case 'pass':
        harness.now += operation.ms
        core.fire(harness.now, 3)
        this.#run()
        return
      case 'redrive': {
        const parked = [...core.parkedInstances()]
        if (parked.length > 0) core.redrive(parked[operation.which % parked.length]!)
        this.#run()
        return
      }
      case 'seal':
        this.seal()
        return
      case 'trim':
        disk?.trim(harness.now)
        return
      case 'load':
        disk?.load()
        await settled()
        return
      case 'encode':
        this.#encode()
        return
      case 'base': {
        if (this.base !== undefined) return
        const from = core.epoch
        this.seal()
        const content = {
          types: core.types,
          timers: core.timers.scan(),
          parked: core.parkedInstances(),
          epoch: core.epoch,
          time: harness.now,
          chunkBytes: 24,
        }
        const chunks = disk === undefined ? encodeBase(content) : encodeSpilledBase(content, disk.scan())
        this.base = { from, chunks, frames: [], validFrom: undefined }
        return
      }
      case 'scan': {
        const { base } = this
        if (base === undefined || base.validFrom !== undefined) return
        const chunk = await base.chunks.next()
        if (chunk.done === true) base.validFrom = core.epoch
        else if (chunk.value !== undefined)
          base.frames.push({ kind: FrameKind.baseChunk, payload: Buffer.from(chunk.value) })
        return
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.base?.chunks.return(undefined)
    await this.harness.disk?.close()
  }

  seal(): void {
    const { core, now } = this.harness
    const { epoch } = core
    this.#encode()
    const sealed = core.seal(now)
    const frame = { kind: FrameKind.epoch, payload: Buffer.from(encoded(sealed)) }
    this.#unencoded = { sealed, payload: frame.payload }
    this.log.push({ epoch, frame })
    if (this.base?.validFrom === undefined || epoch < this.base.validFrom) return
    this.#published = this.base
    this.base = undefined
  }

  /** The coordinator encodes an epoch while the job goes on: until then, what it refers to must stay as it was. */
  #encode(): void {
    if (this.#unencoded === undefined) return
    const { sealed, payload } = this.#unencoded
    expect(encoded(sealed).equals(payload)).toBe(true)
    this.harness.core.encoded(sealed.epoch)
    this.#unencoded = undefined
  }

  /** What a recovery would read now: all epochs, and the newest snapshot with the epochs since. */
  recoveries(): Frame[][] {
    const all = this.log.map(({ frame }) => frame)
    const published = this.#published
    if (published === undefined) return [all]
    const since = this.log.filter(({ epoch }) => epoch >= published.from).map(({ frame }) => frame)
    return [all, [...published.frames, ...since]]
  }

  #run(): void {
    for (const feed of [this.#feed, this.#otherFeed]) this.harness.run(feed)
  }

  #text(): string {
    return `m${this.#texts++}`
  }

  #effects(senderId: string, effects: readonly Effect[]): Effects {
    const { timers } = this.harness.core
    const taken = new Map<string, boolean>()
    const isTaken = (name: string) => taken.get(name) ?? timers.hasToken(senderId, name)
    const send: OutgoingMessage[] = []
    const delayed: DelayedInvocation[] = []
    const state = new Map<string, StateMutation>()
    for (const effect of effects) {
      const argument = text(this.#text())
      if (effect.kind === 'set')
        state.set(effect.state.stateName, { stateName: effect.state.stateName, value: argument })
      else if (effect.kind === 'delete')
        state.set(effect.state.stateName, { stateName: effect.state.stateName, value: undefined })
      else if (effect.kind === 'send') send.push({ target: effect.target, argument })
      else if (effect.kind === 'cancel') {
        delayed.push({ kind: 'cancel', token: effect.token })
        taken.set(effect.token, false)
      } else {
        const { delayMs, target } = effect
        const token = effect.token === undefined || isTaken(effect.token) ? undefined : effect.token
        if (token !== undefined) taken.set(token, true)
        delayed.push({ kind: 'send', delayMs, target, argument, token })
      }
    }
    return { send, delayed, state: [...state.values()] }
  }
}

/** Reads from memory are done after a few turns of the microtask queue. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

/** A picture in which values that have expired are gone, whether or not somebody has noticed. */
function seen(harness: CoreHarness, now: number): Promise<unknown> {
  return picture(harness, ({ type, stamps }, slot) => {
    const state = STATES.find(({ stateName }) => stateName === type.states[slot]!.name)!
    return state.expireMode !== 'none' && now >= (stamps?.[slot] ?? 0) + state.expireAfterMs
  })
}

describe('a checkpoint', () => {
  it('holds exactly the state of its last epoch, whatever happened in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 10, maxLength: 120, size: 'max' }),
        backend,
        backend,
        async (operations, before, after) => {
          await using subject = new Subject(settings(before))
          for (const operation of operations) {
            const sealedBefore = subject.log.length
            await subject.apply(operation)
            if (subject.log.length === sealedBefore) continue
            for (const frames of subject.recoveries()) {
              const { now } = subject.harness
              const { harness, epoch, positions } = await replayed(frames, now, settings(after))
              expect(await seen(harness, now)).toEqual(await seen(subject.harness, now))
              expect(epoch).toBe(subject.log.at(-1)!.epoch)
              expect([...positions.get('test/in')!.values()]).toEqual(
                subject.harness.core.feeds.map(({ partition }) => partition.position()),
              )
            }
          }
        },
      ),
      { numRuns: 300 },
    )
  }, 30_000)
})
