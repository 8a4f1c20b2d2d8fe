/**
 * The engine as a process of its own: `node engine-process.ts <bootstrap> <checkpoint folder> <function URL or ->`. It
 * reports what it used when its parent says so.
 */
import { loadModule, startEngine } from '@statefun/engine'
import { kafkaConnector } from '@statefun/kafka'
import { counter } from './counter.ts'
import { moduleText } from './module-text.ts'
import type { Usage } from './processes.ts'

const [bootstrap, dir, url] = process.argv.slice(2) as [string, string, string]
const local = url === '-'

const engine = await startEngine({
  app: 'bench',
  module: loadModule(moduleText(bootstrap, local ? 'http://127.0.0.1:1/' : url), { file: 'bench' }),
  functions: local ? [counter] : [],
  connectors: [kafkaConnector()],
  checkpoint: { dir },
  logger: {
    debug() {},
    info() {},
    warn: (fields, message) => console.error(message, fields),
    error: (fields, message) => console.error(message, fields),
  },
})

process.on('message', async (message) => {
  if (message !== 'usage') return
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const usage: Usage = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMb: maxRSS / 1024 }
  process.send?.(usage)
})
process.once('disconnect', () => void engine.kill())
