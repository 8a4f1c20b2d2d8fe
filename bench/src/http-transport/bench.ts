import { fork } from 'node:child_process'
import { join } from 'node:path'
import { defineBench } from '../bench.ts'
import { batchFor, type Contender, contenders } from './contenders.ts'
import { cpuMicros } from './cpu-micros.ts'

export const bench = defineBench({
  name: 'http-transport',
  summary: 'calls over HTTP: our transport beside undici and node:http, against a bare server',
  options: {
    calls: { default: 100_000, describe: 'calls per contender' },
    concurrency: { default: '64,256,1024', describe: 'calls under way at once, one table each' },
    delay: { default: 0, describe: 'milliseconds after which the server answers' },
  },
  async run({ calls, concurrency, delay }, report) {
    const child = fork(join(import.meta.dirname, 'server.ts'), [String(delay)])
    const answerOf = () =>
      new Promise<number>((resolve) => child.once('message', (value) => resolve(value as number)))
    const serverCpu = () => {
      const answer = answerOf()
      child.send('cpu')
      return answer
    }
    try {
      const url = `http://127.0.0.1:${await answerOf()}/statefun`
      for (const atOnce of concurrency.split(',').map(Number)) {
        const rows = []
        for (const open of contenders) {
          const contender = open(url, Math.min(atOnce, 1024))
          await drive(contender, Math.ceil(calls / 5), atOnce)
          const [serverBefore, clientBefore] = [await serverCpu(), cpuMicros()]
          const seconds = await drive(contender, calls, atOnce)
          const [clientAfter, serverAfter] = [cpuMicros(), await serverCpu()]
          await contender.close()
          rows.push({
            contender: contender.name,
            'calls/s': Math.round(calls / seconds),
            'client us/call': Number(((clientAfter - clientBefore) / calls).toFixed(1)),
            'server us/call': Number(((serverAfter - serverBefore) / calls).toFixed(1)),
          })
        }
        report.table(`${atOnce} at once`, rows)
      }
    } finally {
      child.disconnect()
    }
  },
})

async function drive(contender: Contender, calls: number, concurrency: number): Promise<number> {
  let next = 0
  const started = performance.now()
  const worker = async () => {
    while (next < calls) await contender.call(batchFor(next++))
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return (performance.now() - started) / 1000
}
