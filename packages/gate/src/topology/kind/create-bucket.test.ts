import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createBucket } from './create-bucket.ts'

/** An S3 of a test: `keys` of its bucket, undefined for none; answers to PUT with `status`. */
async function serve(keys: readonly string[] | undefined, status = 200) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (request.method === 'PUT') response.writeHead(status).end()
    else if (keys === undefined) response.writeHead(404).end('<Code>NoSuchBucket</Code>')
    else response.writeHead(200).end(keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join(''))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { asked, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('a bucket is made where there is none', async () => {
  const { asked, endpoint } = await serve(undefined)
  expect(await createBucket(endpoint, 'b')).toBe(true)
  expect(asked).toEqual(['GET /b?list-type=2&max-keys=1', 'PUT /b'])
})

test.each([
  ['nothing', [], true],
  ['a checkpoint', ['checkpoints/1/_metadata'], false],
])('one that is there with %s in it is left as it is', async (_what, keys, isEmpty) => {
  const { asked, endpoint } = await serve(keys)
  expect(await createBucket(endpoint, 'b')).toBe(isEmpty)
  expect(asked).toHaveLength(1)
})

test('one that cannot be made says so', async () => {
  const { endpoint } = await serve(undefined, 500)
  await expect(createBucket(endpoint, 'b')).rejects.toMatchObject({ code: 'SF_GATE_LOCALSTACK' })
})
