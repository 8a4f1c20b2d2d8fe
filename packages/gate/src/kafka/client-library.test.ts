import { expect, it } from 'vitest'
import { clientLibrary } from './client-library.ts'

it('still checks options', async () => {
  const options = { clientId: 'test', bootstrapBrokers: ['127.0.0.1:1'], strict: true }
  expect(() => new clientLibrary.Admin({ ...options, retries: 'many' as never })).toThrow(/\/retries/)
  const admin = new clientLibrary.Admin(options)
  await admin.close()
})

it('leaves the validators of others as they are', async () => {
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  expect(() => new Ajv2020().compile({ type: 'nothing' })).toThrow()
})
