import { randomUUID } from 'node:crypto'
import { Producer } from '@platformatic/kafka'
import { expect, inject, test } from 'vitest'
import { startKafka } from '../kafka/start-kafka.ts'
import type { AwsAccess } from '../topology/deployment-access.ts'
import { awsCall } from './aws-call.ts'
import { bucketListing } from './bucket-listing.ts'
import { kafkaTails } from './kafka-tails.ts'
import { streamTails } from './stream-tails.ts'

const never = new AbortController().signal

test('the last records of every topic are read, with binary values and null headers', async () => {
  await using kafka = await startKafka()
  await kafka.createTopic('counter.results', { partitions: 2 })
  await kafka.createTopic('empty')
  const producer = new Producer({ clientId: 'test', bootstrapBrokers: [kafka.bootstrap] })
  const value = (number: number) => Buffer.from([0xff, number])
  await producer.send({
    messages: Array.from({ length: 30 }, (_, number) => ({
      topic: 'counter.results',
      partition: 0,
      key: Buffer.from('a'),
      value: value(number),
      headers: new Map([[Buffer.from('h'), Buffer.from('x')]]),
    })),
    acks: -1,
  })
  await producer.close()
  const tails = await kafkaTails(kafka.bootstrap, 10, never)
  expect(tails.map(({ name, total }) => [name, total])).toEqual([
    ['topic counter.results', 30],
    ['topic empty', 0],
  ])
  const records = tails[0]?.records ?? []
  expect(records.map(({ offset }) => Number(offset))).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29])
  expect(records.at(-1)).toMatchObject({ partition: '0', value: value(29), headers: [{ key: 'h' }] })
})

test('the last records of streams, and what is in a bucket', async () => {
  const started = await (await fetch(inject('localStackStarter'))).json()
  const aws: AwsAccess = {
    kinesis: 'localstack',
    endpoint: (started as { readonly endpoint: string }).endpoint,
    region: 'eu-north-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  }
  const bucket = `evidence-${randomUUID()}`
  await fetch(`${aws.endpoint}/${bucket}`, { method: 'PUT' })
  await fetch(`${aws.endpoint}/${bucket}/checkpoints/a%26b`, { method: 'PUT', body: 'twelve bytes' })
  expect(await bucketListing(aws, bucket, never)).toMatch(
    new RegExp(`^s3://${bucket}: 1 objects\n\\S+ +12 checkpoints/a&b\n$`),
  )
  await expect(bucketListing(aws, 'there-is-none', never)).rejects.toMatchObject({ code: 'SF_GATE_EVIDENCE' })

  const name = `evidence-${randomUUID()}`
  const kinesis = (action: string, body: object) =>
    awsCall(aws, 'kinesis', '/', { target: `Kinesis_20131202.${action}`, body, signal: never })
  await kinesis('CreateStream', { StreamName: name, ShardCount: 1 })
  await expect
    .poll(async () => (await kinesis('DescribeStreamSummary', { StreamName: name })).text())
    .toContain('ACTIVE')
  for (let number = 0; number < 5; number++) {
    const Data = Buffer.from([0xff, number]).toString('base64')
    await kinesis('PutRecord', { StreamName: name, PartitionKey: `k${number}`, Data })
  }
  const tails = await streamTails(aws, 2, never)
  const tail = tails.find((each) => each.name === `stream ${name}`)
  expect(tail?.total).toBe(5)
  expect(tail?.records.map(({ key }) => Buffer.from(key ?? []).toString())).toEqual(['k3', 'k4'])
}, 300_000)
