import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PropertyList } from '@statefun/engine'
import { type KafkaBroker, startKafka } from '@statefun/gate'
import { kafkaRecordValue } from '@statefun/protocol'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { egress, ingress, newSink, newSource, newTopic, RecordedSinkListener, Taker } from '../test/kit.ts'

let kafka: KafkaBroker
let folder: string
let certificate: string

beforeAll(async () => {
  const pair = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  })
  certificate = pair.cert
  folder = await mkdtemp(join(tmpdir(), 'statefun-kafka-tls-'))
  await writeFile(join(folder, 'ca.pem'), certificate)
  kafka = await startKafka({
    users: { alice: 'wonder "land"' },
    tls: { certificate: pair.cert, privateKey: pair.private },
  })
})

afterAll(async () => {
  await kafka.stop()
  await rm(folder, { recursive: true, force: true })
})

const JAAS =
  'org.apache.kafka.common.security.plain.PlainLoginModule required username="alice" password="wonder \\"land\\"";'
const login: PropertyList = [
  ['sasl.mechanism', 'PLAIN'],
  ['sasl.jaas.config', JAAS],
]

async function roundTrip(address: string, properties: PropertyList): Promise<void> {
  const topic = await newTopic(kafka.bootstrap)
  const sink = newSink(egress(address, { properties }))
  const source = newSource(ingress(address, [topic], { properties }))
  const taker = new Taker()
  try {
    await sink.start(new RecordedSinkListener())
    await source.start(taker, new Map())
    sink.write(kafkaRecordValue({ topic, key: 'k', value: Buffer.from('v'), headers: [] }))
    await sink.flush()
    await taker.count(1)
  } finally {
    await Promise.all([sink.stop(), source.stop()])
  }
}

describe('security.protocol', () => {
  it('SASL_PLAINTEXT with PLAIN', async () => {
    await roundTrip(kafka.endpoints.SASL_PLAINTEXT!, [['security.protocol', 'SASL_PLAINTEXT'], ...login])
  })

  it('SSL with a PEM trust store, as a file and as text', async () => {
    const protocol = ['security.protocol', 'SSL'] as const
    await roundTrip(kafka.endpoints.SSL!, [
      protocol,
      ['ssl.truststore.type', 'PEM'],
      ['ssl.truststore.location', join(folder, 'ca.pem')],
    ])
    await roundTrip(kafka.endpoints.SSL!, [protocol, ['ssl.truststore.certificates', certificate]])
  })

  it('SASL_SSL', async () => {
    await roundTrip(kafka.endpoints.SASL_SSL!, [
      ['security.protocol', 'SASL_SSL'],
      ['ssl.truststore.certificates', certificate],
      ...login,
    ])
  })

  it('refuses a wrong password at once, without showing it', async () => {
    const start = roundTrip(kafka.endpoints.SASL_PLAINTEXT!, [
      ['security.protocol', 'SASL_PLAINTEXT'],
      ['sasl.mechanism', 'PLAIN'],
      ['sasl.jaas.config', JAAS.replace('wonder', 'sesame')],
    ])
    await expect(start).rejects.toMatchObject({ code: 'SF_KAFKA_AUTHENTICATION_FAILED' })
    await expect(start).rejects.not.toThrow(/sesame/)
  })

  it('says so when the listener wants TLS', async () => {
    await expect(roundTrip(kafka.endpoints.SSL!, [])).rejects.toMatchObject({
      code: 'SF_KAFKA_SECURITY_MISMATCH',
      hint: expect.stringContaining('security.protocol'),
    })
  })

  it('does not trust a certificate that nobody vouches for', async () => {
    await expect(
      roundTrip(kafka.endpoints.SSL!, [
        ['security.protocol', 'SSL'],
        ['max.block.ms', '300'],
      ]),
    ).rejects.toMatchObject({ code: 'SF_KAFKA_UNREACHABLE', message: expect.stringContaining('self-signed') })
  })
})
