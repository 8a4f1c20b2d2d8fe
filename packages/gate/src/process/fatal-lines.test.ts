import { expect, test } from 'vitest'
import { fatalLines } from './fatal-lines.ts'

test('the cause is found between start and shutdown, once, without stacks', () => {
  const log = `02:40:55.100 [main] INFO kafka.server.KafkaServer - starting
02:40:55.212 [main] ERROR kafka.network.DataPlaneAcceptor - Unable to start acceptor
org.apache.kafka.common.KafkaException: Socket server failed to bind
\tat kafka.network.Acceptor.openServerSocket(SocketServer.scala:738)
Caused by: java.net.BindException: Address already in use
\t... 12 more
Caused by: java.net.BindException: Address already in use
02:40:56.413 [kafka-shutdown-hook] INFO org.apache.kafka.common.metrics.Metrics - Metrics reporters closed`
  expect(fatalLines(log)).toBe(
    `02:40:55.212 [main] ERROR kafka.network.DataPlaneAcceptor - Unable to start acceptor
org.apache.kafka.common.KafkaException: Socket server failed to bind
Caused by: java.net.BindException: Address already in use`,
  )
})

test('what the JVM itself says counts, a quiet end has no cause', () => {
  expect(fatalLines('Error occurred during initialization of VM\nInvalid maximum heap size: -Xmx1')).toBe(
    'Error occurred during initialization of VM',
  )
  expect(fatalLines('02:40:55.100 [main] INFO kafka - ErrorHandler registered\n')).toBe('')
})
