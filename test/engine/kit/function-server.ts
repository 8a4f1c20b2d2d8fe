// The functions behind HTTP: `node function-server.ts <topic of results> <port> <share of calls that fail>`.
import { serve } from '@statefun/sdk'
import { testFunctions } from './functions.ts'

const [results = '', port, failureRate] = process.argv.slice(2)
const functions = testFunctions(results, {
  before() {
    if (Math.random() < Number(failureRate)) throw new Error('failed at random')
  },
})
const server = await serve(functions, {
  port: Number(port),
  host: '127.0.0.1',
  logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
})
console.log(`listening on ${server.port}`)
