import { connect } from 'node:net'

/**
 * Whether something listens at this port. To be asked first where a server is waited for: a request that is refused takes many
 * times the CPU time.
 */
export function acceptsConnections(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host })
    const settle = (ready: boolean) => {
      socket.destroy()
      resolve(ready)
    }
    socket.once('error', () => settle(false))
    socket.once('connect', () => settle(true))
  })
}
