import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PropertyList } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { egress, ingress, RecordedLog } from '../../test/kit.ts'
import { parseBootstrap } from './client-properties.ts'
import { readConsumerProperties } from './consumer-properties.ts'
import { parseJaas } from './jaas.ts'
import { readProducerProperties } from './producer-properties.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'statefun-kafka-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const consumer = (
  properties: PropertyList,
  changes: Parameters<typeof ingress>[2] = {},
  log = new RecordedLog(),
) => readConsumerProperties(ingress('kafka:9092', ['t'], { properties, ...changes }), 'app', log)
const producer = (properties: PropertyList, log = new RecordedLog()) =>
  readProducerProperties(egress('kafka:9092', { properties }), 'app', log)

function refusal(action: () => unknown): StatefunError {
  try {
    action()
  } catch (error) {
    if (error instanceof StatefunError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('consumer properties', () => {
  it('have defaults, none of which needs a property', () => {
    const log = new RecordedLog()
    expect(consumer([], {}, log)).toMatchObject({
      client: {
        bootstrap: [{ host: 'kafka', port: 9092 }],
        clientId: 'app-test/ingress',
        tls: undefined,
        sasl: undefined,
        requestTimeoutMs: 30_000,
        metadataMaxAgeMs: 30_000,
      },
      groupId: undefined,
      fetchMinBytes: 1,
      maxPartitionFetchBytes: 1_048_576,
      maxDecompressedBytes: 67_108_864,
      readCommitted: false,
    })
    expect(log.lines).toEqual([])
  })

  it('wait for records no longer than a request may take, and say so', () => {
    const log = new RecordedLog()
    const short = [['request.timeout.ms', '400']] as const
    expect(consumer(short, {}, log).fetchMaxWaitMs).toBe(200)
    expect(log.lines).toEqual([
      'warn fetch.max.wait.ms (500) is not below request.timeout.ms (400); 200 is used',
    ])
  })

  it('are read under the names of the Java client; the last of two wins', () => {
    expect(
      consumer([
        ['isolation.level', 'READ_UNCOMMITTED'],
        ['isolation.level', 'read_committed'],
        ['fetch.min.bytes', '10'],
        ['fetch.max.wait.ms', '70'],
        ['fetch.max.bytes', '1000'],
        ['max.partition.fetch.bytes', '500'],
        ['statefun.max.decompressed.batch.bytes', '600'],
        ['client.id', 'mine'],
        ['request.timeout.ms', '1234'],
        ['group.id', 'g'],
      ]),
    ).toMatchObject({
      client: { clientId: 'mine', requestTimeoutMs: 1234 },
      groupId: 'g',
      fetchMinBytes: 10,
      fetchMaxWaitMs: 70,
      fetchMaxBytes: 1000,
      maxPartitionFetchBytes: 500,
      maxDecompressedBytes: 600,
      readCommitted: true,
    })
  })

  it('yield to the fields of the spec', () => {
    const settings = consumer(
      [
        ['group.id', 'g'],
        ['bootstrap.servers', 'other:1'],
      ],
      { consumerGroupId: 'field' },
    )
    expect(settings.groupId).toBe('field')
    expect(settings.client.bootstrap).toEqual([{ host: 'kafka', port: 9092 }])
    expect(consumer([['bootstrap.servers', 'other:1']], { address: undefined }).client.bootstrap).toEqual([
      { host: 'other', port: 1 },
    ])
    expect(refusal(() => consumer([], { address: undefined })).code).toBe('SF_KAFKA_ADDRESS_MISSING')
  })

  it('that are not used are named in one warning, with the nearest known ones', () => {
    const log = new RecordedLog()
    consumer(
      [
        ['isolation.levle', 'read_committed'],
        ['enable.auto.commit', 'true'],
        ['zzz', '1'],
        ['ssl.key.password', 'geheim'],
      ],
      {},
      log,
    )
    expect(log.lines).toEqual([
      'warn properties of ingress test/ingress that are not used: isolation.levle (unknown; did you mean isolation.level?), ' +
        'enable.auto.commit (has no effect in this engine), zzz (unknown), ssl.key.password (has no effect with this security.protocol)',
    ])
  })

  it.each([
    ['fetch.min.bytes', 'many', 'a whole number from 0 up'],
    ['fetch.max.bytes', '0', 'a whole number from 1 up'],
    ['isolation.level', 'serializable', 'one of read_uncommitted, read_committed'],
    ['security.protocol', 'TLS', 'one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL'],
  ])('%s=%s is refused with what is allowed', (name, value, expected) => {
    const error = refusal(() => consumer([[name, value]]))
    expect(error.code).toBe('SF_KAFKA_PROPERTY_INVALID')
    expect(error.message).toBe(`property ${name} "${value}" of ingress test/ingress must be ${expected}`)
  })
})

describe('producer properties', () => {
  it('default to an idempotent producer with acks=all', () => {
    expect(producer([])).toMatchObject({
      acks: -1,
      idempotent: true,
      compression: 'none',
      lingerMs: 0,
      deliveryTimeoutMs: 120_000,
    })
  })

  it('turn idempotence off with weaker acks, and refuse to have both', () => {
    expect(producer([['acks', '1']])).toMatchObject({ acks: 1, idempotent: false })
    expect(producer([['acks', '-1']])).toMatchObject({ acks: -1, idempotent: true })
    expect(producer([['enable.idempotence', 'false']])).toMatchObject({ acks: -1, idempotent: false })
    expect(
      refusal(() =>
        producer([
          ['acks', '0'],
          ['enable.idempotence', 'TRUE'],
        ]),
      ).message,
    ).toContain('acks "0" of egress test/egress must be all when enable.idempotence is true')
  })

  it('are read under the names of the Java client', () => {
    expect(
      producer([
        ['compression.type', 'zstd'],
        ['linger.ms', '5'],
        ['batch.size', '100'],
        ['max.request.size', '200'],
        ['delivery.timeout.ms', '300'],
        ['retries', '3'],
        ['buffer.memory', '400'],
      ]),
    ).toMatchObject({
      compression: 'zstd',
      lingerMs: 5,
      batchBytes: 100,
      maxRequestBytes: 200,
      deliveryTimeoutMs: 300,
      retries: 3,
      bufferBytes: 400,
    })
  })
})

describe('bootstrap servers', () => {
  it('are split and cleaned', () => {
    expect(parseBootstrap(' a:1, PLAINTEXT://b.c-d:65535 ,[::1]:9092,', 'x')).toEqual([
      { host: 'a', port: 1 },
      { host: 'b.c-d', port: 65_535 },
      { host: '::1', port: 9092 },
    ])
  })

  it.each(['a', 'a:0', 'a:70000', 'a:b', ':1', 'a b:1'])('%s is refused', (address) => {
    expect(refusal(() => parseBootstrap(address, 'ingress x'))).toMatchObject({
      code: 'SF_KAFKA_ADDRESS_INVALID',
      message: expect.stringContaining(`"${address}" of ingress x`),
    })
  })
})

describe('sasl', () => {
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required'
  const sasl = (properties: PropertyList) =>
    consumer([['security.protocol', 'SASL_PLAINTEXT'], ...properties]).client.sasl

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])(
    '%s takes user and password from JAAS',
    (mechanism) => {
      expect(
        sasl([
          ['sasl.mechanism', mechanism],
          ['sasl.jaas.config', `${plain} username="u" password='p';`],
        ]),
      ).toEqual({ mechanism, username: 'u', password: 'p' })
    },
  )

  it('OAUTHBEARER takes a fixed token, or reads a file for every connection', async () => {
    const login = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required'
    expect(
      sasl([
        ['sasl.mechanism', 'OAUTHBEARER'],
        ['sasl.jaas.config', `${login} token="abc";`],
      ]),
    ).toEqual({ mechanism: 'OAUTHBEARER', token: 'abc' })
    const file = join(folder, 'token')
    writeFileSync(file, 'first\n')
    const options = sasl([
      ['sasl.mechanism', 'OAUTHBEARER'],
      ['sasl.oauthbearer.token.endpoint.url', `file://${file}`],
    ])
    const read = options!.token as () => Promise<string>
    expect(await read()).toBe('first')
    writeFileSync(file, 'second')
    expect(await read()).toBe('second')
    expect(refusal(() => sasl([['sasl.mechanism', 'OAUTHBEARER']])).message).toContain('must be a file: URL')
  })

  it('refusals never show the secret', () => {
    for (const jaas of [`${plain} username="u" secretpassword="geheim"`, `${plain} password="geheim";`]) {
      const error = refusal(() =>
        sasl([
          ['sasl.mechanism', 'PLAIN'],
          ['sasl.jaas.config', jaas],
        ]),
      )
      expect(error.code).toBe('SF_KAFKA_PROPERTY_INVALID')
      expect(JSON.stringify(error)).not.toContain('geheim')
    }
    expect(refusal(() => sasl([])).message).toContain('sasl.mechanism')
    expect(refusal(() => sasl([['sasl.mechanism', 'GSSAPI']])).message).toContain('must be one of PLAIN')
  })
})

describe('jaas', () => {
  it('unquotes and unescapes', () => {
    const entry = parseJaas(`a.b.Login required\n  username="a\\"b\\\\" password='c"d' plain=word ;`)
    expect(entry?.loginModule).toBe('Login')
    expect(Object.fromEntries(entry!.options)).toEqual({ username: 'a"b\\', password: 'c"d', plain: 'word' })
  })

  it.each(['', 'Login', 'Login required username="a"', 'Login required username="a;', 'x required a=b c;'])(
    'does not accept %j',
    (text) => {
      expect(parseJaas(text)).toBeUndefined()
    },
  )
})

describe('tls', () => {
  const tls = (properties: PropertyList) => consumer([['security.protocol', 'SSL'], ...properties]).client.tls

  it('reads PEM stores from files and from the properties', () => {
    const file = join(folder, 'store.pem')
    writeFileSync(file, '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n')
    const pem = expect.stringContaining('BEGIN CERTIFICATE')
    expect(
      tls([
        ['ssl.truststore.location', file],
        ['ssl.keystore.type', 'PEM'],
        ['ssl.keystore.location', file],
        ['ssl.key.password', 'p'],
        ['ssl.endpoint.identification.algorithm', ''],
      ]),
    ).toEqual({ ca: pem, key: pem, cert: pem, passphrase: 'p', checkServerIdentity: expect.any(Function) })
    expect(
      tls([
        ['ssl.truststore.certificates', 'CA'],
        ['ssl.keystore.key', 'KEY'],
        ['ssl.keystore.certificate.chain', 'CHAIN'],
        ['ssl.endpoint.identification.algorithm', 'https'],
      ]),
    ).toEqual({ ca: 'CA', key: 'KEY', cert: 'CHAIN' })
  })

  it('takes a PKCS12 key store as it is', () => {
    const file = join(folder, 'store.p12')
    writeFileSync(file, Buffer.from([1, 2, 3]))
    expect(
      tls([
        ['ssl.keystore.type', 'PKCS12'],
        ['ssl.keystore.location', file],
        ['ssl.keystore.password', 'p'],
      ]),
    ).toEqual({ pfx: Buffer.from([1, 2, 3]), passphrase: 'p' })
  })

  it('refuses JKS with the way to convert it, and files that are not there', () => {
    const file = join(folder, 'store.jks')
    writeFileSync(file, Buffer.from('feedfeed00', 'hex'))
    expect(refusal(() => tls([['ssl.truststore.location', file]]))).toMatchObject({
      code: 'SF_KAFKA_STORE_FORMAT',
      hint: expect.stringContaining('keytool'),
    })
    expect(refusal(() => tls([['ssl.truststore.location', join(folder, 'none')]])).code).toBe(
      'SF_KAFKA_STORE_UNREADABLE',
    )
    expect(refusal(() => tls([['ssl.keystore.key', 'geheim']])).message).not.toContain('geheim')
  })
})
