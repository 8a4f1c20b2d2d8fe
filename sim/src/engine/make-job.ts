import { FileStorage } from '../../../packages/engine/src/checkpoint/file-storage.ts'
import { ObjectStorage } from '../../../packages/engine/src/checkpoint/object-storage.ts'
import type { CheckpointStorage } from '../../../packages/engine/src/checkpoint/storage.ts'
import { Job } from '../../../packages/engine/src/engine/job.ts'
import type { Logger } from '../../../packages/engine/src/logger.ts'
import { BrokerClient } from '../broker/broker-client.ts'
import type { Input } from '../broker/input.ts'
import type { SimBroker } from '../broker/sim-broker.ts'
import { SimSink } from '../broker/sim-sink.ts'
import { SimSource } from '../broker/sim-source.ts'
import { SimTransactionSession } from '../broker/sim-transaction-session.ts'
import { SimTransactionalSink } from '../broker/sim-transactional-sink.ts'
import type { SimBucket } from '../bucket/sim-bucket.ts'
import { SimObjectStore } from '../bucket/sim-object-store.ts'
import { SimFileSystem } from '../disk/sim-file-system.ts'
import { SimScratchFolder } from '../disk/sim-scratch-folder.ts'
import type { Fault } from '../faults/faults.ts'
import { stateSpecs } from '../functions/answer.ts'
import type { FunctionServer } from '../functions/function-server.ts'
import type { Program } from '../functions/program.ts'
import { SimTransport } from '../functions/sim-transport.ts'
import type { Watch } from '../model/watch.ts'
import type { SimProcess } from '../process.ts'
import type { Random } from '../random.ts'
import type { Scenario } from '../scenario.ts'
import type { Trace } from '../trace.ts'

/** What a job is connected to. */
export interface Connections {
  readonly scenario: Scenario
  readonly program: Program
  readonly input: Input
  readonly broker: SimBroker
  readonly bucket: SimBucket
  readonly server: FunctionServer
  readonly random: Random
  readonly trace: Trace
  readonly fault: Fault
}

/** Bytes of an object of a snapshot: few, so that one takes several. */
const PART_BYTES = 500
/** Bytes of an outbox from which it is saturated. */
const PENDING_BYTES = 400

/** One incarnation: the engine's own job, coordinator and storage on simulated surroundings. */
export function makeJob(
  connections: Connections,
  process: SimProcess,
  incarnation: number,
  watch: Watch,
): Job {
  const { scenario, program, input, broker, server, random, trace, fault } = connections
  const client = () => new BrokerClient(broker, process, (probability) => random.chance(probability))
  const storage = makeStorage(connections, process, incarnation)
  watch.storage(storage)
  const sinks = [
    ...scenario.exactlyOnce.map((name) => {
      const session = new SimTransactionSession(client(), name, scenario.transactionTimeoutMs)
      return new SimTransactionalSink({
        name,
        session: fault.session?.(session) ?? session,
        clock: process.clock,
        random,
        maxPendingBytes: PENDING_BYTES,
      })
    }),
    ...scenario.atLeastOnce.map((name) => new SimSink(client(), name, 20)),
  ]
  for (const sink of sinks) fault.sink?.(sink)
  const job = new Job({
    sources: [new SimSource(input, process, random, watch)],
    sinks,
    owner: `owner-${incarnation}`,
    bindings: scenario.functions.map(({ name, maxBatch, policy }) => ({
      namespace: 'sim',
      name,
      settings: { maxNumBatchRequests: maxBatch, failurePolicy: policy },
    })),
    transportFor: (type) => {
      const setup = scenario.functions.find(({ name }) => name === type.name)!
      return new SimTransport({
        program,
        specs: stateSpecs(scenario.expirations),
        server,
        process,
        random,
        watch,
        concurrency: setup.concurrency,
        atOnce: setup.atOnce,
        budgetMs: scenario.callMs,
      })
    },
    storage,
    checkpointIntervalMs: scenario.intervalMs,
    compactAfterBytes: scenario.compactAfterBytes,
    maxInFlight: scenario.maxInFlight,
    maxPendingMessages: scenario.maxPendingMessages,
    maxPendingBytes: 1_000_000,
    disk:
      scenario.disk === undefined ? undefined : { ...scenario.disk, folder: new SimScratchFolder(process) },
    clock: process.clock,
    logger: tracingLogger(trace, process.name),
  })
  fault.core?.(job.core)
  watch.core(job.core)
  return job
}

function makeStorage(connections: Connections, process: SimProcess, incarnation: number): CheckpointStorage {
  const { scenario, bucket, random, trace, fault } = connections
  if (scenario.storage === 'object') {
    const store = new SimObjectStore(bucket, process, random)
    let made = 0
    return new ObjectStorage({
      store: fault.objects?.(store) ?? store,
      app: 'app',
      logger: tracingLogger(trace, process.name),
      retain: scenario.retain,
      partBytes: PART_BYTES,
      clock: process.clock,
      newId: () => `id-${incarnation}-${made++}`,
      host: process.name,
    })
  }
  const fileSystem = new SimFileSystem(process, random)
  const storage = new FileStorage('/checkpoint', 'app', {
    fileSystem: fault.fileSystem?.(fileSystem) ?? fileSystem,
    retain: scenario.retain,
  })
  // Its own choice is not repeatable.
  storage.identity = { app: 'app', lineage: `lineage-${incarnation}`, parent: undefined }
  return storage
}

function tracingLogger(trace: Trace, who: string): Logger {
  const note = (fields: object, message: string) => trace.note(who, 'log', message, JSON.stringify(fields))
  return { debug: note, info: note, warn: note, error: note }
}
