import type {
  Address,
  FunctionResponse,
  Invocation,
  InvocationBatch,
  InvocationResponse,
  PersistedValue,
  StatefunError,
  StateSpec,
  TypedValue,
} from '@statefun/protocol'
import type { CoreOptions, CorePorts } from './core-ports.ts'
import { deadLetterRecord } from './dead-letter.ts'
import {
  asksAgain,
  emptyToken,
  negativeDelay,
  otherStateType,
  pendingToken,
  undeclaredState,
  where,
} from './effect-errors.ts'
import { type ChangedState, EpochChanges } from './epoch-changes.ts'
import type { Feed } from './feed.ts'
import type { FunctionType } from './function-type.ts'
import type { FunctionTypes } from './function-types.ts'
import type { Instance } from './instance.ts'
import { sealParked, sealPending } from './seal.ts'
import type { PartitionPosition, SealedEpoch } from './sealed-epoch.ts'
import { Timers } from './timers/timers.ts'

/** Calls started at most to make room in one mailbox. */
const RELIEF_CALLS = 4096

const NONE: ReadonlySet<Instance> = new Set()

/** A message's own objects, added to its bytes when the memory of mailboxes is estimated. */
const MESSAGE_OVERHEAD_BYTES = 160

/**
 * The engine's semantics as a deterministic state machine: records, answers, failures and the passage of time come in as
 * method calls; invocations and egress records go out through {@link CorePorts}.
 *
 * Every method that can find the job broken (contract 1.4) throws a StatefunError; the core must not be used after that.
 */
export class Core {
  readonly types: FunctionTypes
  readonly timers = new Timers()
  readonly feeds: Feed[] = []
  /** The open epoch: the one that the next {@link seal} closes. */
  epoch = 1
  /** Messages received and not yet answered, and an estimate of their memory. */
  pendingMessages = 0
  pendingBytes = 0
  nextTimer = 0
  /** Calls under way from which no more are started. */
  maxInFlight: number
  /**
   * Where partitions of the checkpoint resume that no source has named yet: a topic may be missing for a while. They stay
   * in every epoch.
   */
  unclaimed: PartitionPosition[] = []

  readonly #ports: CorePorts
  /** Function types with instances that wait to be called. */
  readonly #ready = new Set<FunctionType>()
  /** Calls under way, with the number of states that were known when they left. */
  readonly #inFlight = new Map<Instance, number>()
  readonly #changedStates: ChangedState[] = []
  #changes = new EpochChanges(this.#changedStates)
  /** Those of the last epoch that was cut, and the memory for the next one. */
  #sealedChanges: EpochChanges | undefined
  #spareChanges: EpochChanges | undefined
  /** Parked addresses, with the number of their messages that are in the log. */
  readonly #parkedLogged = new Map<Instance, number>()
  readonly #parkedDirty = new Set<Instance>()

  constructor(options: CoreOptions) {
    this.types = options.types
    this.#ports = options.ports
    this.maxInFlight = options.maxInFlight > 0 ? options.maxInFlight : Number.POSITIVE_INFINITY
  }

  /** Calls under way. */
  get inFlight(): number {
    return this.#inFlight.size
  }

  /** True when nothing is under way and nothing could be started. */
  get idle(): boolean {
    return this.#inFlight.size === 0 && this.#ready.size === 0 && this.#loading.size === 0
  }

  get #loading(): ReadonlySet<Instance> {
    return this.types.spill?.loading ?? NONE
  }

  /** Estimated memory of what the open epoch changed, bytes. */
  get changedBytes(): number {
    return this.#changes.size
  }

  /** Addresses whose messages are kept by policy `park`. */
  parkedInstances(): IterableIterator<Instance> {
    return this.#parkedLogged.keys()
  }

  /** A partition of an ingress from which {@link take} may take. */
  addFeed(feed: Feed): void {
    this.feeds.push(feed)
    this.#claim(feed.ingress, feed.partition.name)
  }

  /** The position of a partition leaves the open epoch and all later ones. */
  removePartition(ingress: string, name: string): void {
    const at = this.feeds.findIndex((feed) => feed.ingress === ingress && feed.partition.name === name)
    if (at >= 0) this.feeds.splice(at, 1)
    this.#claim(ingress, name)
  }

  #claim(ingress: string, name: string): void {
    this.unclaimed = this.unclaimed.filter((each) => each.ingress !== ingress || each.partition !== name)
  }

  /**
   * Routes up to `limit` records of a partition to their mailboxes (contract 6); stops early when the partition is empty
   * or feeds an address that is full.
   *
   * @returns how many were taken
   */
  take(feed: Feed, limit: number, now: number): number {
    const { partition, targets } = feed
    const typename = partition.route.valueType
    let taken = 0
    while (taken < limit && feed.blockedBy === undefined && partition.next()) {
      taken++
      const invocation: Invocation = {
        caller: undefined,
        argument: { typename, hasValue: true, value: partition.value(), metadata: partition.metadata() },
      }
      const idBytes = partition.idBytes?.()
      for (let i = 0; i < targets.length; i++) {
        const known = idBytes === undefined ? undefined : targets[i]!.instances.find(idBytes)
        const instance = known ?? targets[i]!.instance(partition.id())
        this.#deliver(instance, invocation)
        if (instance.backlog.length >= instance.type.maxBacklog) this.#relieve(feed, instance, now)
      }
    }
    return taken
  }

  /**
   * Starts calls that may start, at most `limit`: functions that are answered at once may send each other messages for
   * ever.
   *
   * @returns true when the limit ended it
   */
  pump(now: number, limit = Number.POSITIVE_INFINITY): boolean {
    let left = limit
    // A call that is answered at once can make its own or another type ready again.
    for (let progress = true; progress && this.#ready.size > 0; ) {
      progress = false
      for (const type of this.#ready) {
        while (type.ready.size > 0 && type.hasCapacity && this.#inFlight.size < this.maxInFlight) {
          if (left-- === 0) {
            // The others come first next time: functions that keep each other busy would never let them.
            this.#ready.delete(type)
            this.#ready.add(type)
            return true
          }
          progress = true
          this.#dispatch(type.ready.shift(), now)
        }
        if (type.ready.size === 0) this.#ready.delete(type)
      }
    }
    return false
  }

  /** The answer to a call that was under way. */
  answered(instance: Instance, response: FunctionResponse, now: number): void {
    const knownStates = this.#inFlight.get(instance)!
    this.#inFlight.delete(instance)
    instance.type.counters.inflightAsyncOps--
    this.#complete(instance, response, knownStates, now)
  }

  /** A call that was under way used up its retry budget (contract 1.6, 5.7). */
  failed(instance: Instance, error: StatefunError, now: number): void {
    this.#inFlight.delete(instance)
    instance.type.counters.inflightAsyncOps--
    this.#giveUp(instance, error, now)
  }

  /** The states of an instance that was loading are there: its messages may go out. */
  loaded(instance: Instance): void {
    if (instance.queued) this.#enqueue(instance)
  }

  /** Delivers the delayed messages that are due, at most `limit`; returns how many. */
  fire(now: number, limit: number): number {
    let fired = 0
    while (fired < limit) {
      const timer = this.timers.poll(now)
      if (timer === undefined) break
      fired++
      const { namespace, type, id } = timer.target
      const sender = timer.invocation.caller
      const target = this.types.get(
        namespace,
        type,
        sender === undefined ? 'delayed message' : `${sender.namespace}/${sender.type} id [${sender.id}]`,
      )
      this.#deliver(target.instance(id), timer.invocation)
    }
    return fired
  }

  /** Sends the kept messages of a parked address again; false when it is not parked. */
  redrive(instance: Instance): boolean {
    if (!instance.parked) return false
    instance.parked = false
    instance.type.counters.numParkedAddress--
    this.#parkedLogged.delete(instance)
    this.#parkedDirty.add(instance)
    this.pendingMessages += instance.backlog.length
    this.pendingBytes += sizeOf(instance.backlog)
    // What made it fail is at its head: the rest must not go down with it once more.
    instance.isolate = 1
    this.#makeReady(instance)
    return true
  }

  /** Closes the open epoch. The job goes on at once; no state is looked at. */
  seal(time: number): SealedEpoch {
    const timers = this.timers.seal(this.nextTimer)
    const sealed: SealedEpoch = {
      epoch: this.epoch,
      time,
      positions: [
        ...this.feeds.map((feed) => ({
          ingress: feed.ingress,
          partition: feed.partition.name,
          position: feed.partition.position(),
        })),
        ...this.unclaimed,
      ],
      changes: this.#changes,
      pending: sealPending(this.#inFlight.keys(), this.#ready, this.#loading),
      parked: sealParked(this.#parkedDirty, this.#parkedLogged),
      timersAdded: timers.added,
      timersRemoved: timers.removed,
      nextTimer: this.nextTimer,
      outboxes: this.#ports.sealOutboxes(this.epoch),
    }
    this.epoch++
    this.#sealedChanges = this.#changes
    this.#changes = this.#spareChanges ?? new EpochChanges(this.#changedStates)
    this.#spareChanges = undefined
    this.#parkedDirty.clear()
    return sealed
  }

  /** A sealed epoch is encoded: nobody needs what it was cut with any more. */
  encoded(epoch: number): void {
    if (epoch !== this.epoch - 1) return
    this.timers.encoded()
    this.#sealedChanges?.reset()
    this.#spareChanges = this.#sealedChanges
    this.#sealedChanges = undefined
  }

  /** Puts back what a checkpoint held for an address; used before the job starts. */
  restoreMessages(
    instance: Instance,
    messages: readonly Invocation[],
    isolate: number,
    parked: boolean,
  ): void {
    for (const message of messages) instance.enqueue(message)
    instance.isolate = isolate
    instance.type.counters.numBacklog += messages.length
    if (parked) {
      instance.parked = true
      instance.type.counters.numParkedAddress++
      this.#parkedLogged.set(instance, messages.length)
      return
    }
    this.pendingMessages += messages.length
    this.pendingBytes += sizeOf(messages)
    this.#makeReady(instance)
  }

  #deliver(instance: Instance, invocation: Invocation): void {
    const { counters } = instance.type
    counters.in++
    counters.numBacklog++
    instance.enqueue(invocation)
    if (instance.parked) {
      this.#parkedDirty.add(instance)
      return
    }
    this.pendingMessages++
    this.pendingBytes += invocation.argument.value.length + MESSAGE_OVERHEAD_BYTES
    if (instance.inFlight === undefined && !instance.queued) this.#makeReady(instance)
  }

  #makeReady(instance: Instance): void {
    instance.queued = true
    if (!instance.loading) this.#enqueue(instance)
  }

  #enqueue(instance: Instance): void {
    const { type } = instance
    if (type.ready.size === 0) this.#ready.add(type)
    type.ready.push(instance)
  }

  /** A backlog is full: start what can be started, and stop reading the partition if that did not empty it. */
  #relieve(feed: Feed, instance: Instance, now: number): void {
    if (instance.parked) return
    // Functions that are answered at once may send each other messages for ever: there has to be a limit.
    if (instance.inFlight === undefined) this.pump(now, RELIEF_CALLS)
    if (instance.parked || instance.backlog.length < instance.type.maxBacklog || feed.blockedBy !== undefined)
      return
    feed.blockedBy = instance
    if (instance.waiting === undefined) {
      instance.waiting = []
      instance.type.counters.numBlockedAddress++
    }
    instance.waiting.push(feed)
  }

  #unblock(instance: Instance): void {
    const { waiting } = instance
    if (waiting === undefined) return
    instance.waiting = undefined
    instance.type.counters.numBlockedAddress--
    for (const feed of waiting) {
      feed.blockedBy = undefined
      this.#ports.unblocked(feed)
    }
  }

  #dispatch(instance: Instance, now: number): void {
    instance.queued = false
    const batch = instance.takeBatch()
    instance.inFlight = batch
    instance.type.counters.numBacklog -= batch.length
    if (instance.waiting !== undefined) this.#unblock(instance)
    this.#call(instance, now)
  }

  #call(instance: Instance, now: number): void {
    const batch: InvocationBatch = {
      target: instance.address,
      state: this.#attachState(instance, now),
      invocations: instance.inFlight!,
    }
    const knownStates = batch.state.length
    const response = this.#ports.invoke(instance, batch)
    if (response !== undefined) {
      this.#complete(instance, response, knownStates, now)
    } else {
      this.#inFlight.set(instance, knownStates)
      instance.type.counters.inflightAsyncOps++
    }
  }

  /** Every registered state with its value, expired ones without (contract 1.5, 5.5). */
  #attachState(instance: Instance, now: number): PersistedValue[] {
    const { states, expires } = instance.type
    // An array that grows by itself takes room for sixteen more, for every call.
    const attached = new Array<PersistedValue>(instance.type.registeredStates)
    let count = 0
    for (let slot = 0; slot < states.length; slot++) {
      const state = states[slot]!
      if (!state.registered) continue
      let value = instance.value(slot)
      if (expires && value !== undefined && state.expireMode !== 'none') {
        if (now >= instance.stamp(slot) + state.expireAfterMs) {
          instance.expire(slot)
          value = undefined
        } else if (state.expireMode === 'after-invoke') {
          instance.touch(slot, now)
          this.#changes.put(instance, slot, this.epoch)
        }
      }
      attached[count++] = {
        stateName: state.name,
        stateValue: value === undefined ? undefined : { typename: state.typename, hasValue: true, value },
      }
    }
    return attached
  }

  #complete(instance: Instance, response: FunctionResponse, knownStates: number, now: number): void {
    if (response.kind === 'incomplete') {
      this.#registerStates(instance.type, response.missing, knownStates)
      this.#call(instance, now)
      return
    }
    this.#apply(instance, response, now)
    const done = instance.inFlight!
    instance.inFlight = undefined
    this.pendingMessages -= done.length
    this.pendingBytes -= sizeOf(done)
    this.#rest(instance)
  }

  /** Nothing of an instance is under way any more: what waits is next, and one that is empty is forgotten. */
  #rest(instance: Instance): void {
    if (instance.backlog.length > 0) this.#makeReady(instance)
    else if (instance.disposable) instance.type.forget(instance)
  }

  #registerStates(type: FunctionType, missing: readonly StateSpec[], knownStates: number): void {
    for (const spec of missing) type.register(spec)
    // Calls to other addresses may have left before these states were known: they only have to be repeated.
    if (type.registeredStates > knownStates) return
    throw asksAgain(type)
  }

  /** Applies the effects of a batch in the order of contract 1.4. */
  #apply(instance: Instance, response: InvocationResponse, now: number): void {
    const { counters } = instance.type
    for (const message of response.outgoingMessages) {
      const { namespace, type, id } = message.target
      const target = this.types.get(namespace, type, where(instance))
      counters.outLocal++
      this.#deliver(target.instance(id), { caller: instance.address, argument: message.argument })
    }
    for (const delayed of response.delayedInvocations) {
      if (delayed.kind === 'cancel') this.#cancel(instance, delayed.token)
      else this.#delay(instance, delayed.delayMs, delayed.target, delayed.argument, delayed.token, now)
    }
    for (const egress of response.outgoingEgresses) {
      counters.outEgress++
      this.#ports.emit(egress.egressNamespace, egress.egressType, egress.argument, instance)
    }
    for (const mutation of response.stateMutations)
      this.#mutate(instance, mutation.stateName, mutation.value, now)
  }

  #mutate(instance: Instance, name: string, value: TypedValue | undefined, now: number): void {
    const slot = instance.type.slotOf(name)
    const state = instance.type.states[slot]
    if (state?.registered !== true) {
      throw undeclaredState(instance, name)
    }
    if (value !== undefined && value.typename !== state.typename) {
      throw otherStateType(instance, state, value.typename)
    }
    if (instance.setValue(slot, value?.value, now)) this.#changes.put(instance, slot, this.epoch)
  }

  #delay(
    sender: Instance,
    delayMs: number,
    target: Address,
    argument: TypedValue,
    token: string | undefined,
    now: number,
  ): void {
    if (!(delayMs >= 0)) {
      throw negativeDelay(sender, delayMs)
    }
    const named = token === '' ? undefined : token
    if (named !== undefined && this.timers.hasToken(sender.id, named)) {
      throw pendingToken(sender, named)
    }
    this.timers.add({
      sequence: this.nextTimer++,
      due: now + delayMs,
      target,
      invocation: { caller: sender.address, argument },
      token: named,
    })
  }

  #cancel(sender: Instance, token: string): void {
    if (token === '') {
      throw emptyToken(sender)
    }
    this.timers.cancel(sender.id, token)
  }

  #giveUp(instance: Instance, error: StatefunError, now: number): void {
    const { failurePolicy } = instance.type.settings
    const batch = instance.inFlight!
    if (failurePolicy.type === 'fail') throw error
    instance.inFlight = undefined
    if (batch.length > 1) {
      // One message of the batch is at fault: they are sent one by one from here, so that only that one is given up.
      instance.putBack(batch)
      instance.isolate += batch.length
      instance.type.counters.numBacklog += batch.length
      this.#ports.gaveUp(instance, error, 'isolated')
      this.#makeReady(instance)
      return
    }
    this.pendingMessages -= 1
    this.pendingBytes -= sizeOf(batch)
    if (failurePolicy.type === 'deadLetter') {
      const slash = failurePolicy.egress.indexOf('/')
      const record = deadLetterRecord(instance, batch[0]!, failurePolicy.topic, error, now)
      instance.type.counters.numDeadLettered++
      this.#ports.emit(
        failurePolicy.egress.slice(0, slash),
        failurePolicy.egress.slice(slash + 1),
        record,
        instance,
      )
      this.#ports.gaveUp(instance, error, 'dead-lettered')
      this.#rest(instance)
      return
    }
    this.#park(instance, batch)
    this.#ports.gaveUp(instance, error, 'parked')
  }

  #park(instance: Instance, failed: readonly Invocation[]): void {
    this.pendingMessages -= instance.backlog.length
    this.pendingBytes -= sizeOf(instance.backlog)
    instance.putBack(failed)
    instance.type.counters.numBacklog += failed.length
    instance.type.counters.numParkedAddress++
    instance.isolate = 0
    instance.parked = true
    this.#parkedLogged.set(instance, 0)
    this.#parkedDirty.add(instance)
    if (instance.waiting !== undefined) this.#unblock(instance)
  }
}

function sizeOf(messages: readonly Invocation[]): number {
  let bytes = 0
  for (let i = 0; i < messages.length; i++)
    bytes += messages[i]!.argument.value.length + MESSAGE_OVERHEAD_BYTES
  return bytes
}
