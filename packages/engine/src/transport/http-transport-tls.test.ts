import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { pathToFileURL } from 'node:url'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AsyncTransport } from '../module/model.ts'
import { createHttpTransport } from './http-transport.ts'
import {
  asyncEndpoint,
  batchFor,
  errorOnceExhausted,
  nameOf,
  Recording,
  reply,
  startServer,
  type TestServer,
} from './testing/http-fixture.ts'
import { idsIn, isMultiCall, replyAll } from './testing/multi-call-server.ts'
import { VirtualClock } from './testing/virtual-clock.ts'
import { loadTlsMaterial } from './tls-material.ts'

let folder: string
let server: TestServer
const file = (name: string) => join(folder, name)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'statefun-tls-'))
  const ca = await generate([{ name: 'commonName', value: 'Test CA' }], {
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', keyCertSign: true },
    ],
  })
  const issued = (name: string) =>
    generate([{ name: 'commonName', value: name }], {
      ca: { key: ca.private, cert: ca.cert },
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    })
  const [serverPair, clientPair] = [await issued('server'), await issued('engine')]
  writeFileSync(file('ca.pem'), ca.cert)
  writeFileSync(file('client.pem'), clientPair.cert)
  writeFileSync(file('client.key'), clientPair.private)
  writeFileSync(file('other.key'), serverPair.private)
  const passphrase = 'open sesame'
  const encrypted = createPrivateKey(clientPair.private).export({
    format: 'pem',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase,
  })
  writeFileSync(file('encrypted.key'), encrypted)
  writeFileSync(file('password'), `${passphrase}\n`)
  writeFileSync(file('wrong-password'), 'abracadabra')
  const tls = { key: serverPair.private, cert: serverPair.cert, ca: ca.cert }
  server = await startServer(
    (response, request) => {
      if (idsIn(request)[0]?.startsWith('together') === true) {
        replyAll(response, request)
        return
      }
      const { subject } = (response.req.socket as TLSSocket).getPeerCertificate()
      reply(response, String(subject.CN))
    },
    0,
    createServer({ ...tls, requestCert: true, rejectUnauthorized: true }),
  )
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

function transportWith(fields: Partial<AsyncTransport>, clock?: VirtualClock) {
  const recording = new Recording()
  const transport = createHttpTransport({
    endpoint: asyncEndpoint(server.url.replace('http:', 'https:'), fields),
    functionType: { namespace: 'example', name: 'counter' },
    observer: recording,
    logger: recording,
    ...(clock === undefined ? {} : { clock }),
  })
  return { transport, recording }
}

async function call(fields: Partial<AsyncTransport>): Promise<string | undefined> {
  const { transport } = transportWith(fields)
  try {
    return nameOf(await transport.invoke(batchFor('x')))
  } finally {
    await transport.close()
  }
}

async function errorOf(fields: Partial<AsyncTransport>): Promise<unknown> {
  const clock = new VirtualClock()
  const { transport, recording } = transportWith({ callMs: 12, ...fields }, clock)
  try {
    return await errorOnceExhausted(transport, recording, clock)
  } finally {
    await transport.close()
  }
}

it('presents the client certificate and trusts the given authority', async () => {
  const fields = {
    trustCacerts: file('ca.pem'),
    clientCert: file('client.pem'),
    clientKey: file('client.key'),
  }
  expect(await call(fields)).toBe('engine')
  const { transport } = transportWith(fields)
  const together = async (...ids: string[]) =>
    (await Promise.all(ids.map((id) => transport.invoke(batchFor(id))))).map(nameOf)
  expect(await together('together-0')).toEqual(['together-0'])
  expect(await together('together-1', 'together-2')).toEqual(['together-1', 'together-2'])
  await transport.close()
  expect(server.requests.filter(isMultiCall)).toHaveLength(1)
})

it('reads file: URLs and a key with a password from a file', async () => {
  const fields = {
    trustCacerts: pathToFileURL(file('ca.pem')).href,
    clientCert: `file:${file('client.pem')}`,
    clientKey: file('encrypted.key'),
    clientKeyPassword: file('password'),
  }
  expect(await call(fields)).toBe('engine')
})

it('does not trust a server of an unknown authority', async () => {
  expect(await errorOf({ clientCert: file('client.pem'), clientKey: file('client.key') })).toMatchObject({
    code: 'SF_TRANSPORT_BUDGET_EXHAUSTED',
    cause: { code: expect.stringMatching(/CERT|SELF_SIGNED|VERIFY/) },
    hint: expect.stringContaining('trust_cacerts'),
  })
})

it('fails without the certificate that the server asks for', async () => {
  expect(await errorOf({ trustCacerts: file('ca.pem') })).toMatchObject({
    code: 'SF_TRANSPORT_BUDGET_EXHAUSTED',
  })
})

const NONE = {
  trustCacerts: undefined,
  clientCert: undefined,
  clientKey: undefined,
  clientKeyPassword: undefined,
}

it('without TLS fields it trusts what Node trusts', () => {
  expect(loadTlsMaterial(NONE)).toBeUndefined()
})

it.each([
  [
    'a classpath',
    () => ({ trustCacerts: 'classpath:ca.pem' }),
    /trust_cacerts: classpath:ca.pem needs a Java classpath/,
  ],
  ['a missing file', () => ({ trustCacerts: file('none.pem') }), /trust_cacerts: cannot read .*none\.pem/],
  ['a certificate without key', () => ({ clientCert: file('client.pem') }), /client_key is missing/],
  ['a key without certificate', () => ({ clientKey: file('client.key') }), /client_cert is missing/],
  ['a password without key', () => ({ clientKeyPassword: file('password') }), /without client_key/],
  [
    'a file that is no PEM',
    () => ({ clientCert: file('password'), clientKey: file('client.key') }),
    /password.*:/,
  ],
  [
    'a key that does not fit',
    () => ({ clientCert: file('client.pem'), clientKey: file('other.key') }),
    /client\.pem, .*other\.key: .*mismatch/i,
  ],
  [
    'a wrong password',
    () => ({
      clientCert: file('client.pem'),
      clientKey: file('encrypted.key'),
      clientKeyPassword: file('wrong-password'),
    }),
    /encrypted\.key: /,
  ],
])('refuses %s', (_what, fields, message) => {
  const attempt = () => loadTlsMaterial({ ...NONE, ...fields() })
  expect(attempt).toThrow(
    expect.objectContaining({ code: 'SF_TRANSPORT_TLS', message: expect.stringMatching(message) }),
  )
})
