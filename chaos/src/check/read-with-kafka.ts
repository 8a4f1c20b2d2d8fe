import { execFile } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { fetchArtifacts, findJava, KAFKA_JARS } from '@statefun/gate'
import { StatefunError } from '@statefun/protocol'
import { type Result, resultOf } from './check-results.ts'

const run = promisify(execFile)

const READER = join(import.meta.dirname, 'ReadCommitted.java')
const MAX_OUTPUT_BYTES = 1024 * 1024 * 1024
const TIMEOUT_MS = 60_000

/**
 * Reads all committed results with Apache Kafka's own consumer, so that the verdict does not rest on a reader of ours.
 *
 * @throws StatefunError `SF_CHAOS_READER` when it does not come to the end of the topic
 */
export async function readWithKafka(bootstrap: string, topic: string): Promise<Map<string, Result[]>> {
  const [java, jars] = await Promise.all([findJava(), fetchArtifacts(KAFKA_JARS)])
  const flags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', jars.join(delimiter)]
  const options = { maxBuffer: MAX_OUTPUT_BYTES, timeout: TIMEOUT_MS }
  const failed = (cause: unknown) =>
    new StatefunError('SF_CHAOS_READER', "Apache Kafka's consumer did not read the results to their end", {
      cause,
    })
  const { stdout } = await run(java.command, [...flags, READER, bootstrap, topic], options).catch((error) => {
    throw failed(error)
  })
  const lines = stdout.trimEnd().split('\n')
  if (lines.pop() !== 'end') throw failed(new Error(stdout.slice(-200)))
  const found = new Map<string, Result[]>()
  for (const line of lines) {
    const space = line.indexOf(' ')
    const key = line.slice(0, space)
    const result = resultOf(line.slice(space + 1))
    const results = found.get(key)
    if (results === undefined) found.set(key, [result])
    else results.push(result)
  }
  return found
}
