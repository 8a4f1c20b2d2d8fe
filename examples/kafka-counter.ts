// `npm run example:kafka`: the counter on a real Kafka, wired by its module.yaml. In the second run the engine is killed
// with kill -9 halfway; its total is right all the same.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { create, toBinary } from '@bufbuild/protobuf'
import { Consumer, Producer } from '@platformatic/kafka'
import { startKafka } from '@statefun/gate'
import { StatefunError } from '@statefun/sdk'
import { CounterResult } from './counter/counter.ts'
import { CounterCommandSchema } from './counter/gen/counter_pb.ts'
import { endEngineProcess, startEngineProcess } from './engine-process.ts'

const COMMANDS = 10
const TIMEOUT_MS = 60_000
/** How long nothing may come after the total before it counts as the last one. */
const QUIET_MS = 500
/** So that checkpoints (every 500 ms) fall between the commands. */
const SPACING_MS = 150
const CONFIG = join(import.meta.dirname, 'counter', 'statefun.config.ts')

try {
  process.exitCode = await main()
} catch (error) {
  console.error(StatefunError.from(error).format())
  process.exitCode = 1
}

async function main(): Promise<number> {
  console.log('Starting Kafka (the first time, its jars are downloaded) ...')
  await using kafka = await startKafka()
  console.log(`Kafka ${kafka.version} answers at ${kafka.bootstrap} after ${kafka.startMs} ms.\n`)
  for (const topic of ['counter.commands', 'counter.results', 'counter.commands.ttl', 'greeter.commands']) {
    await kafka.createTopic(topic)
  }
  const checkpoints = await mkdtemp(join(tmpdir(), 'statefun-counter-'))
  const run = {
    config: CONFIG,
    checkpointPlace: checkpoints,
    env: { KAFKA_BOOTSTRAP: kafka.bootstrap },
  }
  let engine = await startEngineProcess(run)
  try {
    const first = `counter-${randomUUID()}`
    console.log(`1. ${COMMANDS} commands of +1 for ${first}`)
    await produce(kafka.bootstrap, first, COMMANDS)
    const firstTotals = await totals(kafka.bootstrap, first)
    console.log(`   total ${firstTotals.at(-1)}\n`)

    const second = `counter-${randomUUID()}`
    console.log(`2. ${COMMANDS} commands of +1 for ${second}, the engine is killed halfway`)
    await produce(kafka.bootstrap, second, COMMANDS / 2)
    const { pid } = engine
    await endEngineProcess(engine, 'SIGKILL')
    console.log(`   ${COMMANDS / 2} commands sent, then kill -9 ${pid}`)
    await produce(kafka.bootstrap, second, COMMANDS / 2)
    console.log(`   ${COMMANDS / 2} more sent while no engine runs`)
    engine = await startEngineProcess(run)
    console.log('   engine started again from its checkpoint')
    const secondTotals = await totals(kafka.bootstrap, second)
    console.log(
      `   results: ${secondTotals.join(' ')} (at-least-once: what came after the last checkpoint may come again)`,
    )
    console.log(`   total ${secondTotals.at(-1)}`)
    return firstTotals.at(-1) === BigInt(COMMANDS) && secondTotals.at(-1) === BigInt(COMMANDS) ? 0 : 1
  } finally {
    await endEngineProcess(engine, 'SIGTERM')
    await rm(checkpoints, { recursive: true, force: true })
  }
}

/** Sends commands one by one, as they would come. */
async function produce(bootstrap: string, id: string, count: number): Promise<void> {
  const producer = new Producer({ clientId: 'example', bootstrapBrokers: [bootstrap] })
  try {
    const value = Buffer.from(toBinary(CounterCommandSchema, create(CounterCommandSchema, { id, delta: 1n })))
    for (let sent = 0; sent < count; sent++) {
      await producer.send({
        messages: [{ topic: 'counter.commands', key: Buffer.from(id), value }],
        acks: -1,
      })
      await sleep(SPACING_MS)
    }
  } finally {
    await producer.close()
  }
}

/** The totals that were emitted for an id: up to that of all commands, and what may wrongly come after it. */
async function totals(bootstrap: string, id: string): Promise<bigint[]> {
  const consumer = new Consumer({ clientId: 'example', groupId: randomUUID(), bootstrapBrokers: [bootstrap] })
  const seen: bigint[] = []
  try {
    const stream = await consumer.consume({
      topics: ['counter.results'],
      mode: 'earliest',
      autocommit: false,
      maxWaitTime: 100,
    })
    const records = stream[Symbol.asyncIterator]()
    let giveUp = sleep(TIMEOUT_MS, undefined, { ref: false })
    for (;;) {
      const next = await Promise.race([records.next(), giveUp])
      if (next === undefined || next.done) break
      const { key, value } = next.value
      if (key.toString() !== id) continue
      const { total } = CounterResult.deserialize(value)
      seen.push(total)
      if (total >= BigInt(COMMANDS)) giveUp = sleep(QUIET_MS, undefined, { ref: false })
    }
    if ((seen.at(-1) ?? 0n) < BigInt(COMMANDS)) throw new Error(`no total of ${COMMANDS} for ${id}: ${seen}`)
  } finally {
    await consumer.close(true)
  }
  return seen
}
