import type {
  DelayedInvocation,
  EgressMessage,
  FunctionResponse,
  InvocationBatch,
  InvocationResponse,
  OutgoingMessage,
  StatefunError,
  StateMutation,
  StateSpec,
} from '@statefun/protocol'
import { systemClock } from '../../clock.ts'
import type { SourcePartition } from '../../connector/source.ts'
import type { FailurePolicy } from '../../module/model.ts'
import { DiskState, type DiskStateSettings } from '../../state/disk-state.ts'
import { Core } from '../core.ts'
import type { Feed } from '../feed.ts'
import { FunctionTypes } from '../function-types.ts'
import type { Instance } from '../instance.ts'
import type { SealedOutbox } from '../sealed-epoch.ts'

/** A call that waits for its answer. */
export interface OpenCall {
  readonly instance: Instance
  readonly batch: InvocationBatch
}

/** A core with its surroundings in a test's hands: calls stay open until the test answers them. */
export class CoreHarness {
  readonly core: Core
  /** With the option `disk` only. */
  readonly disk: DiskState | undefined
  readonly calls: OpenCall[] = []
  readonly emitted: { egress: string; text: string }[] = []
  readonly gaveUp: { id: string; action: string; error: StatefunError }[] = []
  readonly unblocked: Feed[] = []
  /** What the next cuts find in the outboxes. */
  outboxes: readonly SealedOutbox[] = []
  now = 1_000_000
  /** When set, calls are answered at once, as a function in this process does. */
  respond: ((batch: InvocationBatch) => FunctionResponse | undefined) | undefined

  constructor(
    options: {
      policy?: FailurePolicy
      maxBatch?: number
      maxInFlight?: number
      namespace?: string
      disk?: DiskStateSettings | undefined
    } = {},
  ) {
    const types = new FunctionTypes(
      [
        {
          namespace: options.namespace ?? 'test',
          name: undefined,
          settings: {
            maxNumBatchRequests: options.maxBatch ?? 1000,
            failurePolicy: options.policy ?? { type: 'fail' },
          },
        },
      ],
      () => undefined,
    )
    if (options.disk !== undefined) {
      this.disk = new DiskState({
        ...options.disk,
        types,
        clock: { ...systemClock, now: () => this.now },
        loaded: (instance) => {
          this.core.loaded(instance)
          this.core.pump(this.now)
        },
        drained: () => undefined,
        failed: (error) => {
          throw error
        },
      })
    }
    this.core = new Core({
      types,
      maxInFlight: options.maxInFlight ?? 1000,
      ports: {
        invoke: (instance, batch) => {
          const answer = this.respond?.(batch)
          if (answer === undefined) this.calls.push({ instance, batch })
          return answer
        },
        emit: (namespace, name, value) => {
          this.emitted.push({ egress: `${namespace}/${name}`, text: Buffer.from(value.value).toString() })
        },
        sealOutboxes: () => this.outboxes,
        unblocked: (feed) => this.unblocked.push(feed),
        gaveUp: (instance, error, action) => this.gaveUp.push({ id: instance.id, action, error }),
      },
    })
  }

  /** A partition whose records (id, text) go to the named functions of namespace `test`. */
  feed(
    records: readonly (readonly [id: string, text: string])[],
    targets: readonly string[] = ['fn'],
    name = 'topic/0',
  ): Feed {
    const feed: Feed = {
      ingress: 'test/in',
      partition: listPartition(name, records, targets),
      targets: targets.map((name) => this.core.types.get('test', name, 'test')),
      blockedBy: undefined,
    }
    this.core.addFeed(feed)
    return feed
  }

  /** Takes everything from a feed and starts what can start. */
  run(feed: Feed): number {
    const taken = this.core.take(feed, 1_000_000, this.now)
    this.core.pump(this.now)
    return taken
  }

  /** Answers the oldest open call and starts what can start. */
  answer(effects: Effects = {}): OpenCall {
    const call = this.calls.shift()
    if (call === undefined) throw new Error('no call is open')
    this.core.answered(call.instance, response(effects), this.now)
    this.core.pump(this.now)
    return call
  }

  /** Answers the oldest open call with missing states. */
  answerIncomplete(...missing: StateSpec[]): void {
    const call = this.calls.shift()!
    this.core.answered(call.instance, { kind: 'incomplete', missing }, this.now)
    this.core.pump(this.now)
  }

  /** Fails the oldest open call for good. */
  fail(error: StatefunError): void {
    const call = this.calls.shift()!
    this.core.failed(call.instance, error, this.now)
    this.core.pump(this.now)
  }
}

/** Effects of an answer, all optional. */
export interface Effects {
  readonly send?: readonly OutgoingMessage[]
  readonly delayed?: readonly DelayedInvocation[]
  readonly emit?: readonly EgressMessage[]
  readonly state?: readonly StateMutation[]
}

/** An answer with these effects. */
export function response(effects: Effects = {}): InvocationResponse {
  return {
    kind: 'response',
    outgoingMessages: effects.send ?? [],
    delayedInvocations: effects.delayed ?? [],
    outgoingEgresses: effects.emit ?? [],
    stateMutations: effects.state ?? [],
  }
}

/** A value of type `test/text`. */
export function text(value: string): { typename: string; hasValue: true; value: Uint8Array } {
  return { typename: 'test/text', hasValue: true, value: new TextEncoder().encode(value) }
}

/** The texts of a batch's messages. */
export function texts(batch: InvocationBatch): string[] {
  return batch.invocations.map(({ argument }) => Buffer.from(argument.value).toString())
}

/** A partition over a list; its position is the index of the next record. */
export function listPartition(
  name: string,
  records: readonly (readonly [id: string, text: string])[],
  targets: readonly string[],
  start = 0,
): SourcePartition {
  let at = start - 1
  return {
    name,
    route: { valueType: 'test/text', targets: targets.map((target) => `test/${target}`) },
    next() {
      if (at + 1 >= records.length) return false
      at++
      return true
    },
    id: () => records[at]![0],
    idBytes() {
      const bytes = Buffer.from(records[at]![0])
      return { bytes, start: 0, end: bytes.length }
    },
    value: () => text(records[at]![1]).value,
    metadata: () => undefined,
    position: () => String(at + 1),
  }
}
