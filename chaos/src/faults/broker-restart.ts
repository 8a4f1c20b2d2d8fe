import type { Fault } from '../fault.ts'

/** The broker is restarted, killed and in order in turn. */
export const brokerRestart: Fault = {
  name: 'broker-restart',
  summary: 'the Kafka broker restarted: kill -9 and in order, in turn',
  times: 4,
  setting: {},
  async inject({ kafka, note }, round) {
    if (round % 2 === 0) {
      note('kill -9 of the broker, and start')
      await kafka.kill()
    } else note('restart of the broker in order')
    await kafka.restart()
  },
}
