import { describe, inject } from 'vitest'
import { channelCases } from './channel.cases.ts'
import { kafkaChannel } from './kafka-channel.ts'

describe('a channel to a broker', () => {
  channelCases(
    () => kafkaChannel(inject('kafkaBootstrap')),
    () => `channel-${crypto.randomUUID()}`,
  )
})
