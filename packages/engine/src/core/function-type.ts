import type { ExpireMode, StateSpec } from '@statefun/protocol'
import { StatefunError } from '@statefun/protocol'
import type { FailurePolicy } from '../module/model.ts'
import { Instance } from './instance.ts'
import { InstanceIndex } from './instance-index.ts'
import { ReadyQueue } from './ready-queue.ts'
import type { Spill } from './spill.ts'

/** One declared state of a function type. Its place in {@link FunctionType.states} is its slot in every instance. */
export interface StateSlot {
  readonly name: string
  readonly typename: string
  /** False for a state of the checkpoint that the running function has not declared (yet): kept, not sent. */
  registered: boolean
  expireMode: ExpireMode
  expireAfterMs: number
  /** Among all that ever changed in this job, see EpochChanges; -1 before. */
  number: number
}

/** Counters of contract 5.8; plain numbers so that counting costs nothing, read when metrics are scraped. */
export interface FunctionCounters {
  in: number
  outLocal: number
  outRemote: number
  outEgress: number
  inflightAsyncOps: number
  numBacklog: number
  numBlockedAddress: number
  numParkedAddress: number
  numDeadLettered: number
}

/** What an endpoint of module.yaml says about calling a function type. */
export interface CallSettings {
  /** Backlog size per address at which it back-pressures; <= 0 is unlimited (contract 4.2). */
  readonly maxNumBatchRequests: number
  readonly failurePolicy: FailurePolicy
}

/** A function type: its states, its live instances and its counters. */
export class FunctionType {
  readonly namespace: string
  readonly name: string
  readonly typename: string
  readonly settings: CallSettings
  readonly maxBacklog: number
  readonly states: StateSlot[] = []
  /** How many of them the running function has declared: what every call carries. */
  registeredStates = 0
  /** Epoch milliseconds of the restore that brought its instances back; 0 for a type that is new. */
  restoredAt = 0
  /** True once a state with expiration was declared. */
  expires = false
  /** Those that are in memory, but for those that are {@link Instance.passing}. */
  readonly instances = new InstanceIndex()
  /** Bytes of all states in memory. */
  valueBytes = 0
  /** Where the others are; undefined when all are in memory. */
  spill: Spill | undefined = undefined
  /** Instances with messages that wait to be called, in order. */
  readonly ready = new ReadyQueue()
  /**
   * Calls that its transport can carry at once. What exceeds it waits here, where messages of one address gather into
   * larger batches, and not in the transport, where each call would wait with the batch it has.
   */
  concurrency = Number.POSITIVE_INFINITY
  readonly counters: FunctionCounters = {
    in: 0,
    outLocal: 0,
    outRemote: 0,
    outEgress: 0,
    inflightAsyncOps: 0,
    numBacklog: 0,
    numBlockedAddress: 0,
    numParkedAddress: 0,
    numDeadLettered: 0,
  }

  constructor(namespace: string, name: string, settings: CallSettings) {
    this.namespace = namespace
    this.name = name
    this.typename = `${namespace}/${name}`
    this.settings = settings
    this.maxBacklog =
      settings.maxNumBatchRequests <= 0 ? Number.POSITIVE_INFINITY : settings.maxNumBatchRequests
  }

  get hasCapacity(): boolean {
    return this.counters.inflightAsyncOps < this.concurrency
  }

  /** The instance with this id, made when there is none in memory. */
  instance(id: string): Instance {
    let instance = this.instances.get(id)
    if (instance !== undefined) return instance
    if (this.spill !== undefined) return this.spill.instance(this, id)
    instance = new Instance(this, id)
    this.instances.set(id, instance)
    return instance
  }

  /** The instance with this id if it is in memory. */
  inMemory(id: string): Instance | undefined {
    return this.instances.get(id) ?? this.spill?.passing(this, id)
  }

  /** All that are in memory. Those that are passing come first, as of now: by the time of the others one may be among them. */
  *allInMemory(): Generator<Instance> {
    if (this.spill !== undefined) yield* [...this.spill.allPassing(this)]
    yield* this.instances.values()
  }

  /** Lets go of an instance that is in memory. */
  forget(instance: Instance): void {
    if (instance.passing) this.spill!.forget(instance)
    else this.instances.delete(instance.id)
  }

  /** Slot of a state, -1 when unknown. Function types have a handful of states: a scan beats a map. */
  slotOf(name: string): number {
    const states = this.states
    for (let slot = 0; slot < states.length; slot++) {
      if (states[slot]!.name === name) return slot
    }
    return -1
  }

  /** Slot of a state that a checkpoint names; made when there is none. */
  restoreSlot(name: string, typename: string): number {
    const known = this.slotOf(name)
    if (known !== -1) return known
    this.states.push({ name, typename, registered: false, expireMode: 'none', expireAfterMs: 0, number: -1 })
    return this.states.length - 1
  }

  /**
   * Declares a state (contract 1.5).
   *
   * @throws StatefunError `SF_STATE_TYPE_CHANGED` when the state exists with another type, `SF_STATE_BAD_SPEC`
   */
  register(spec: StateSpec): void {
    // An empty typename is stored under this name by Flink, so a checkpoint means the same on both engines (contract 1.4).
    const typename = spec.typename === '' ? 'io.statefun.types/unset' : spec.typename
    if (spec.expireMode !== 'none' && !(spec.expireAfterMs > 0)) {
      throw new StatefunError(
        'SF_STATE_BAD_SPEC',
        `state "${spec.stateName}" expires after ${spec.expireAfterMs} ms`,
        {
          where: this.typename,
          hint: 'an expiration must be longer than 0 ms',
        },
      )
    }
    const known = this.slotOf(spec.stateName)
    const slot = known === -1 ? undefined : this.states[known]!
    if (slot !== undefined && slot.typename !== typename) {
      throw new StatefunError(
        'SF_STATE_TYPE_CHANGED',
        `state "${spec.stateName}" has type ${slot.typename} in the ${slot.registered ? 'running job' : 'checkpoint'}, the function now declares ${typename}`,
        {
          where: this.typename,
          hint: 'declare the former type, or give the state a new name and migrate its value in the function',
        },
      )
    }
    // A different expiration of a registered state is ignored until the next start (contract 1.4).
    if (slot?.registered === true) return
    if (slot === undefined) {
      this.states.push({
        name: spec.stateName,
        typename,
        registered: true,
        expireMode: spec.expireMode,
        expireAfterMs: spec.expireAfterMs,
        number: -1,
      })
    } else {
      slot.registered = true
      slot.expireMode = spec.expireMode
      slot.expireAfterMs = spec.expireAfterMs
    }
    this.registeredStates++
    if (spec.expireMode !== 'none') this.expires = true
  }
}
