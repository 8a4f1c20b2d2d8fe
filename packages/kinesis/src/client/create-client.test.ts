import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KinesisEgressDefinition } from '@statefun/engine'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { egress } from '../../test/egress-definition.ts'
import { clientProperties } from './client-properties.ts'
import { createClient, loadSdk } from './create-client.ts'
import { problemOf, refusalOf } from './kinesis-failure.ts'
import { readClientSettings } from './read-client-settings.ts'

let server: Server
let requests: IncomingMessage[]
let endpoint: string
let folder: string

beforeEach(async () => {
  requests = []
  server = createServer((request, response) => {
    requests.push(request)
    request.resume()
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    response.end('{"FailedRecordCount":0,"Records":[]}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  folder = await mkdtemp(join(tmpdir(), 'statefun-kinesis-'))
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true })
})

async function put(changes: Partial<KinesisEgressDefinition>): Promise<IncomingMessage> {
  const definition = egress(changes)
  const client = await createClient(readClientSettings(definition, clientProperties(definition)))
  try {
    const { PutRecordsCommand } = await loadSdk()
    await client.send(
      new PutRecordsCommand({ StreamName: 's', Records: [{ PartitionKey: 'k', Data: new Uint8Array() }] }),
    )
    return requests.at(-1)!
  } finally {
    client.destroy()
  }
}

it('asks the endpoint, signed for the region with the given key', async () => {
  const request = await put({
    awsRegion: { type: 'custom-endpoint', endpoint, id: 'eu-north-1' },
    awsCredentials: { type: 'basic', accessKeyId: 'AKID', secretAccessKey: 's' },
    clientConfigProperties: [['UserAgentSuffix', 'shop']],
  })
  expect(request.headers['x-amz-target']).toBe('Kinesis_20131202.PutRecords')
  expect(request.headers.authorization).toMatch(/Credential=AKID\/\d+\/eu-north-1\/kinesis\/aws4_request/)
  expect(request.headers['user-agent']).toContain('shop')
})

it('takes the key of a profile of a file', async () => {
  const profilePath = join(folder, 'keys')
  await writeFile(profilePath, '[ops]\naws_access_key_id = FROMFILE\naws_secret_access_key = s\n')
  const request = await put({
    awsRegion: { type: 'custom-endpoint', endpoint, id: 'eu-north-1' },
    awsCredentials: { type: 'profile', profileName: 'ops', profilePath },
  })
  expect(request.headers.authorization).toContain('Credential=FROMFILE/')
})

it('goes by way of a proxy', async () => {
  const proxy = new URL(endpoint)
  const request = await put({
    awsRegion: { type: 'custom-endpoint', endpoint: 'http://kinesis.test:4566', id: 'eu-north-1' },
    awsCredentials: { type: 'basic', accessKeyId: 'AKID', secretAccessKey: 's' },
    clientConfigProperties: [
      ['ProxyHost', proxy.hostname],
      ['ProxyPort', proxy.port],
    ],
  })
  expect(request.url).toBe('http://kinesis.test:4566/')
})

it('ends a request that is not answered in time', async () => {
  server.removeAllListeners('request')
  await expect(
    put({
      awsRegion: { type: 'custom-endpoint', endpoint, id: 'eu-north-1' },
      awsCredentials: { type: 'basic', accessKeyId: 'AKID', secretAccessKey: 's' },
      clientConfigProperties: [['RequestTimeout', '50']],
    }),
  ).rejects.toMatchObject({ name: 'TimeoutError' })
})

it('says how to get credentials when a profile has none', async () => {
  const profilePath = join(folder, 'none')
  await writeFile(profilePath, '')
  const error: unknown = await put({
    awsRegion: { type: 'custom-endpoint', endpoint, id: 'eu-north-1' },
    awsCredentials: { type: 'profile', profileName: 'ops', profilePath },
  }).catch((error: unknown) => error)
  const call = { operation: 'PutRecords', owner: 'egress test/egress', stream: 's' }
  expect(refusalOf(problemOf(error), call, false)).toMatchObject({ code: 'SF_KINESIS_CREDENTIALS' })
})
