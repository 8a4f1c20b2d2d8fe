import { MemoryTopics, serveTopics } from '@statefun/engine'
import { afterEach, beforeEach } from 'vitest'
import { ControlClient } from '../../control/control-client.ts'
import { ControlServer } from '../../control/control-server.ts'
import { Phases } from '../../run/phases.ts'
import { RunEvents } from '../../run/run-events.ts'
import { FakeTopology } from '../../run/testing/fake-topology.ts'
import { kafkaCases } from '../testing/kafka-cases.ts'
import { InProcessTopics } from './in-process-topics.ts'
import { Kafka } from './kafka.ts'

let server: ControlServer
let topics: MemoryTopics
let kafka: Kafka

beforeEach(async () => {
  const events = new RunEvents()
  server = new ControlServer(events, () => undefined)
  await server.listen()
  const app = { name: 'shop', folder: '/', config: '/config.ts', module: '/module.yaml' }
  const started = new FakeTopology().start(
    { app, engines: ['embedded'], kinesis: false, folder: '/' },
    new Phases(events, new AbortController().signal),
  )
  const deployment = await started.get('embedded')
  if (deployment === undefined) throw new Error('there is no deployment')
  topics = new MemoryTopics()
  const access = server.add({
    ...deployment,
    serve: (request, response) => serveTopics(topics, request, response),
  })
  kafka = new Kafka(new InProcessTopics(new ControlClient(access)), 10_000, async () => 'the app is fine')
})
afterEach(() => server[Symbol.asyncDispose]())

kafkaCases('in-process topics over HTTP', () => ({
  kafka,
  vainMs: 500,
  createTopic: async (name, partitions) => topics.create(name, partitions),
}))
