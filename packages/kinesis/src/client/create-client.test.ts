import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KinesisEgressDefinition } from '@statefun/engine'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
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
  vi.unstubAllEnvs()
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

describe('a region that is named nowhere else', () => {
  const regionOf = (request: IncomingMessage) =>
    /Credential=AKID\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1]
  const keys = 'aws_access_key_id = AKID\naws_secret_access_key = s\n'

  beforeEach(async () => {
    vi.stubEnv('AWS_REGION', undefined)
    vi.stubEnv('AWS_DEFAULT_REGION', undefined)
    vi.stubEnv('AWS_PROFILE', undefined)
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'))
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
    await writeFile(join(folder, 'credentials'), `[default]\n${keys}[ops]\n${keys}[plain]\n${keys}`)
    await writeFile(
      join(folder, 'config'),
      '[default]\nregion = eu-west-1\n[profile ops]\nregion = eu-north-1\n',
    )
  })

  const profile = async (profileName: string, profilePath?: string) =>
    regionOf(
      await put({
        awsRegion: { type: 'default' },
        awsCredentials: { type: 'profile', profileName, profilePath },
        clientConfigProperties: [['aws.endpoint', endpoint]],
      }),
    )

  it('is that of the profile with the credentials', async () => {
    expect(await profile('ops')).toBe('eu-north-1')
  })

  it('is in the file of a profile that has its own', async () => {
    const file = join(folder, 'own')
    await writeFile(file, `[ops]\nregion = us-west-2\n${keys}`)
    expect(await profile('ops', file)).toBe('us-west-2')
  })

  it('is what the SDK finds when the profile has none', async () => {
    expect(await profile('plain')).toBe('eu-west-1')
  })

  it('gives way to the environment', async () => {
    vi.stubEnv('AWS_DEFAULT_REGION', 'ap-south-1')
    expect(await profile('ops')).toBe('ap-south-1')
  })
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
