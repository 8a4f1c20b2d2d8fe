import { SessionError, type TransactionSession } from '@statefun/kafka/transaction'
import type { FileSystem } from '../../../packages/engine/src/checkpoint/file-system.ts'
import type { ObjectStore } from '../../../packages/engine/src/checkpoint/object-store.ts'
import type { Sink } from '../../../packages/engine/src/connector/sink.ts'
import type { Marker, TransactionalSink } from '../../../packages/engine/src/connector/transactional-sink.ts'
import type { Core } from '../../../packages/engine/src/core/core.ts'
import { Instance } from '../../../packages/engine/src/core/instance.ts'
import { AddedTimers } from '../../../packages/engine/src/core/timers/added-timers.ts'
import { Float64Pieces } from '../../../packages/engine/src/core/timers/pieces.ts'

import { Outbox } from '../../../packages/engine/src/engine/outbox.ts'
import { withoutFolderSync, withoutSync } from './without-sync.ts'

/** A mistake that an engine could make, planted from outside: the engine's own code knows nothing of it. */
export interface Fault {
  readonly summary: string
  /** Stands between the engine and the disk. */
  readonly fileSystem?: (fileSystem: FileSystem) => FileSystem
  /** Changes a core before it begins. */
  readonly core?: (core: Core) => void
  /** Changes an egress before it starts. */
  readonly sink?: (sink: Sink | TransactionalSink) => void
  /** Stands between the connector's decisions about transactions and the brokers. */
  readonly session?: (session: TransactionSession) => TransactionSession
  /** Stands between the engine and the bucket. */
  readonly objects?: (store: ObjectStore) => ObjectStore
  /** Changes a part that is made within the job, for all jobs; the result changes it back. */
  readonly patch?: () => () => void
}

/** The faults that the simulator is known to find. */
export const FAULTS = {
  'skip-fsync': {
    summary: 'epochs are written and not forced to the disk',
    fileSystem: withoutSync,
  },
  'skip-folder-sync': {
    summary: 'names of new and renamed files are not forced to the disk',
    fileSystem: withoutFolderSync,
  },
  'publish-early': {
    summary: 'exactly-once records leave when their epoch is cut, before it is durable',
    patch: () => {
      const { seal } = Outbox.prototype
      Outbox.prototype.seal = function (epoch) {
        const sealed = seal.call(this, epoch)
        this.durable(epoch)
        return sealed
      }
      return () => {
        Outbox.prototype.seal = seal
      }
    },
  },
  'compact-early': {
    summary: 'a snapshot replaces a log whose records are not published',
    patch: () => {
      const { settled } = Outbox.prototype
      Outbox.prototype.settled = () => Promise.resolve()
      return () => {
        Outbox.prototype.settled = settled
      }
    },
  },
  'no-flush': {
    summary: 'an epoch becomes durable before its at-least-once records are acknowledged',
    sink: (sink) => {
      if ('flush' in sink) sink.flush = () => Promise.resolve()
    },
  },
  'believe-commit': {
    summary: 'a commit without an answer is taken for done',
    session: (session) => Object.assign(session, { end: unlessUnanswered(session.end.bind(session)) }),
  },
  'forget-commit': {
    summary: 'a commit without an answer is taken for not done',
    session: (session) => {
      const { mark, readMarker } = session
      let known: Marker | undefined
      return Object.assign(session, {
        mark: (marker: Marker) => {
          known = marker
          return mark.call(session, marker)
        },
        readMarker: async (stable: boolean) => {
          const marker = await readMarker.call(session, stable)
          return marker === undefined || known?.epoch !== marker.epoch
            ? marker
            : { ...marker, epoch: marker.epoch - 1 }
        },
      })
    },
  },
  'unconditional-put': {
    summary: 'an epoch in a bucket overwrites what another engine has put there',
    objects: (store) => {
      store.putNew = async (key, body) => {
        await store.put(key, body)
        return 'stored'
      }
      return store
    },
  },
  'forget-in-flight': {
    summary: 'calls under way are missing from the epoch',
    core: (core) =>
      changeSealed(core, (sealed) => ({
        ...sealed,
        pending: sealed.pending.filter(({ instance }) => instance.inFlight === undefined),
      })),
  },
  'forget-backlog': {
    summary: 'messages that arrived during a call are missing from the epoch',
    core: (core) =>
      changeSealed(core, (sealed) => ({
        ...sealed,
        pending: sealed.pending.map((pending) => ({
          ...pending,
          length: pending.instance.inFlight?.length ?? pending.length,
        })),
      })),
  },
  'old-positions': {
    summary: 'positions are those of the epoch before',
    core: (core) => {
      let before: ReturnType<Core['seal']>['positions'] | undefined
      changeSealed(core, (sealed) => {
        const positions = before ?? sealed.positions
        before = sealed.positions
        return { ...sealed, positions }
      })
    },
  },
  'forget-added-timers': {
    summary: 'delayed messages that were set are missing from the epoch',
    core: (core) =>
      changeSealed(core, (sealed) => ({ ...sealed, timersAdded: new AddedTimers(() => undefined) })),
  },
  'forget-removed-timers': {
    summary: 'delayed messages that were delivered or cancelled stay in the checkpoint',
    core: (core) => changeSealed(core, (sealed) => ({ ...sealed, timersRemoved: new Float64Pieces() })),
  },
  'early-timers': {
    summary: 'delayed messages are delivered 3 ms early',
    core: (core) => {
      const fire = core.fire.bind(core)
      core.fire = (now, limit) => fire(now + 3, limit)
    },
  },
  'put-back-last': {
    summary: 'messages of a call that failed go behind those that came since',
    patch: () => {
      const { putBack } = Instance.prototype
      Instance.prototype.putBack = function (messages) {
        this.backlog = [...this.backlog, ...messages]
      }
      return () => {
        Instance.prototype.putBack = putBack
      }
    },
  },
  'no-expiration': {
    summary: 'states do not expire',
    patch: () => {
      const { stamp } = Instance.prototype
      Instance.prototype.stamp = () => Number.MAX_SAFE_INTEGER
      return () => {
        Instance.prototype.stamp = stamp
      }
    },
  },
} as const satisfies Readonly<Record<string, Fault>>

export type FaultName = keyof typeof FAULTS

/** The fault of this name. */
export function faultOf(name: FaultName | undefined): Fault {
  return name === undefined ? { summary: 'none' } : FAULTS[name]
}

/** A call whose missing answer is taken for a good one. */
function unlessUnanswered(call: () => Promise<void>): () => Promise<void> {
  return () =>
    call().catch((error: unknown) => {
      if (!(error instanceof SessionError) || error.trouble !== 'broken') throw error
    })
}

function changeSealed(
  core: Core,
  change: (sealed: ReturnType<Core['seal']>) => ReturnType<Core['seal']>,
): void {
  const seal = core.seal.bind(core)
  core.seal = (time) => change(seal(time))
}
