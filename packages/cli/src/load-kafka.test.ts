import { expect, it } from 'vitest'
import { loadKafka } from './load-kafka.ts'

it('loads the connector, and its client library still checks options', async () => {
  const { kafkaConnector } = await loadKafka()
  expect(kafkaConnector).toBeTypeOf('function')
  const { Admin } = await import('@platformatic/kafka')
  const options = { clientId: 'test', bootstrapBrokers: ['127.0.0.1:1'], strict: true }
  expect(() => new Admin({ ...options, retries: 'many' as never })).toThrow(/\/retries/)
  const admin = new Admin(options)
  await admin.close()
})

it('leaves the validators of others as they are', async () => {
  await loadKafka()
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  expect(() => new Ajv2020().compile({ type: 'nothing' })).toThrow()
})
