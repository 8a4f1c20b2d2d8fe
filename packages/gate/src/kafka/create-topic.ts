import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin } from '@platformatic/kafka'
import { StatefunError } from '@statefun/protocol'
import { clientLibrary } from './client-library.ts'
import type { TopicOptions } from './kafka-broker.ts'

const TIMEOUT_MS = 10_000

/**
 * Creates a topic and waits until the broker leads all its partitions.
 *
 * @throws StatefunError `SF_GATE_KAFKA_ADMIN`
 */
export async function createTopic(bootstrap: string, name: string, options: TopicOptions): Promise<void> {
  const partitions = options.partitions ?? 1
  const admin = new clientLibrary.Admin({
    clientId: 'statefun-gate',
    bootstrapBrokers: [bootstrap],
    retries: 0,
  })
  try {
    await admin.createTopics({
      topics: [name],
      partitions,
      replicas: 1,
      configs: Object.entries(options.config ?? {}).map(([key, value]) => ({ name: key, value })),
    })
    const deadline = performance.now() + TIMEOUT_MS
    while (!(await isLed(admin, name, partitions))) {
      if (performance.now() > deadline) throw new Error(`no leader after ${TIMEOUT_MS} ms`)
      await sleep(10)
    }
  } catch (cause) {
    throw new StatefunError('SF_GATE_KAFKA_ADMIN', `topic [${name}] cannot be created: ${reason(cause)}`, {
      where: bootstrap,
      cause,
    })
  } finally {
    await admin.close()
  }
}

/**
 * Creates a topic with the broker's settings unless there is one of that name.
 *
 * @throws StatefunError `SF_GATE_KAFKA_ADMIN`
 */
export async function ensureTopic(bootstrap: string, name: string): Promise<void> {
  try {
    await createTopic(bootstrap, name, {})
  } catch (error) {
    if (!StatefunError.from(error).message.includes('already exists')) throw error
  }
}

async function isLed(admin: Admin, name: string, partitions: number): Promise<boolean> {
  try {
    const metadata = await admin.metadata({ topics: [name], forceUpdate: true })
    const led = metadata.topics.get(name)?.partitions.filter((partition) => partition.leader >= 0) ?? []
    return led.length === partitions
  } catch {
    // The controller has made the topic, the broker's own view follows a moment later: until then it is unknown.
    return false
  }
}

/** The library's errors nest: the broker's own word lies innermost. */
function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0])
  if (error instanceof Error && error.cause !== undefined) return reason(error.cause)
  return error instanceof Error ? error.message : String(error)
}
