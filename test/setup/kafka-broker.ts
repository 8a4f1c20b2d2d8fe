import { type KafkaProgress, startKafka } from '@statefun/gate'
import { StatefunError } from '@statefun/protocol'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** `127.0.0.1:<port>` of the one broker of this test run; take topic names of your own. */
    kafkaBootstrap: string
  }
}

/**
 * One real Kafka broker for the whole run of the `real` project: `inject('kafkaBootstrap')` in a test. A test that kills or
 * restarts its broker starts its own with `startKafka()`.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  try {
    const kafka = await startKafka({ onProgress: report })
    project.provide('kafkaBootstrap', kafka.bootstrap)
    return () => kafka.stop()
  } catch (error) {
    if (!(error instanceof StatefunError)) throw error
    // Vitest would bury the hint under two stacks and a dump of the fields.
    console.error(`\n${error.format()}\n`)
    const short = new Error(`no Kafka broker: ${error.message}`)
    short.stack = short.message
    throw short
  }
}

function report(progress: KafkaProgress): void {
  if (progress.phase === 'fetch') {
    if (progress.done === progress.total) console.log(`Kafka: ${progress.total} archives fetched`)
  } else if (progress.phase === 'ready') {
    console.log(`Kafka: ready on ${progress.bootstrap} after ${(progress.startMs / 1000).toFixed(1)} s`)
  }
}
