/** The function server as a process of its own; tells its parent the port. */
import { serve } from '@statefun/sdk'
import { counter } from './counter.ts'

const server = await serve([counter], { port: 0, host: '127.0.0.1', path: '/statefun', signals: [] })
process.send?.(`${server.url}/statefun`)
process.once('disconnect', () => void server.close())
