/** The bare loop as a process of its own, as the engine is one; tells its parent how many records are written. */
import { bareLoop } from './bare-loop.ts'
import { openClient } from './streams.ts'

const { BENCH_KINESIS: endpoint = '', BENCH_RECORDS: records = '' } = process.env
const client = openClient({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
})
try {
  await bareLoop(client, Number(records), (written) => process.send?.(written))
} finally {
  client.destroy()
  process.disconnect?.()
}
