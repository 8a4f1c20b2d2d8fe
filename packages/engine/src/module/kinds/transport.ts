import type { AsyncTransport, OkHttpTransport } from '../model.ts'
import type { ReadContext } from '../read-context.ts'
import { object, type ReadObject } from '../readers/object.ts'
import { optional } from '../readers/reader.ts'
import { duration, INT_MAX, integer, text, timeout } from '../readers/scalars.ts'
import { variant, variantCase } from '../readers/variant.ts'
import { extensionMissing } from './extension-missing.ts'

const MINUTE = 60_000

/** The defaults of `io.statefun.transports.v1/async` (contract 4.2). */
export const DEFAULT_ASYNC_TRANSPORT: AsyncTransport = {
  type: 'async',
  callMs: 2 * MINUTE,
  connectMs: 20_000,
  poolTtlMs: 15_000,
  poolSize: 1024,
  payloadMaxBytes: 33_554_432,
  trustCacerts: undefined,
  clientCert: undefined,
  clientKey: undefined,
  clientKeyPassword: undefined,
}

/** The defaults of `io.statefun.transports.v1/okhttp` (contract 4.2). */
export const DEFAULT_OKHTTP_TRANSPORT: OkHttpTransport = {
  type: 'okhttp',
  callMs: MINUTE,
  connectMs: 10_000,
  readMs: 10_000,
  writeMs: 10_000,
}

// When the object is there, what it leaves out gets the defaults of the old client, not those of async (contract 4.2).
const asyncTimeouts = object({
  fields: {
    call: optional(timeout, 'Total time of one request with all its retries.', { default: '1 min' }),
    connect: optional(timeout, 'Time to connect, or to wait for a pooled connection.', { default: '10 s' }),
  },
  mistakes: {
    read: 'only okhttp has it; with async, call bounds the whole request',
    write: 'only okhttp has it; with async, call bounds the whole request',
  },
  build: ({ values }) => ({ callMs: values.call ?? MINUTE, connectMs: values.connect ?? 10_000 }),
})

const okHttpTimeoutFields = {
  call: optional(timeout, 'Total time of one request with all its retries.', { default: '1 min' }),
  connect: optional(timeout, 'Time to connect; must not exceed call.', { default: '10 s' }),
  read: optional(timeout, 'Longest pause while reading; must not exceed call.', { default: '10 s' }),
  write: optional(timeout, 'Longest pause while writing; must not exceed call.', { default: '10 s' }),
}

/** `timeouts` of the okhttp transport and of `io.statefun.endpoints.v1/http`. */
export const okHttpTimeouts = object({
  fields: okHttpTimeoutFields,
  build({ values, keyOffset, offset, path }, context): OkHttpTransport | undefined {
    const { callMs, connectMs, readMs, writeMs } = DEFAULT_OKHTTP_TRANSPORT
    const times = {
      call: values.call ?? callMs,
      connect: values.connect ?? connectMs,
      read: values.read ?? readMs,
      write: values.write ?? writeMs,
    }
    let valid = true
    for (const name of ['connect', 'read', 'write'] as const) {
      if (times[name] <= times.call) continue
      valid = false
      // The default of 10 s counts as well: with call: 5s alone, connect must be written, too.
      const at = keyOffset(name) ?? keyOffset('call') ?? offset
      const ours = keyOffset(name) === undefined ? ' (by default 10 s)' : ''
      const total = keyOffset('call') === undefined ? ' (by default 1 min)' : ''
      const message = `${path}.${name}${ours} is longer than call${total}`
      context.error('SF_MODULE_BAD_VALUE', at, message, `set ${name} to at most the time of call`)
    }
    if (!valid) return undefined
    return {
      type: 'okhttp',
      callMs: times.call,
      connectMs: times.connect,
      readMs: times.read,
      writeMs: times.write,
    }
  },
})

const asyncFields = {
  call: optional(timeout, 'Total time of one request with all its retries.', { default: '2 min' }),
  connect: optional(timeout, 'Time to connect, or to wait for a pooled connection.', { default: '20 s' }),
  pool_ttl: optional(duration, 'Life of a pooled connection; 0 keeps it for ever.', { default: '15 s' }),
  pool_size: optional(integer(1, INT_MAX), 'Connections per function type.', { default: '1024' }),
  payload_max_bytes: optional(integer(1, INT_MAX), 'Largest response in bytes.', { default: '33554432' }),
  trust_cacerts: optional(text, 'PEM file of the authorities to trust: path, file: or classpath:.'),
  client_cert: optional(text, 'PEM file of the client certificate; needs client_key.'),
  client_key: optional(text, 'PKCS8 file of the client key; needs client_cert.'),
  client_key_password: optional(text, 'Path of a file that holds the password of the key.'),
  timeouts: optional(asyncTimeouts, 'Form for moving from okhttp; wins over call and connect.'),
}

function buildAsync(
  { values, keyOffset, path }: ReadObject<typeof asyncFields>,
  context: ReadContext,
): AsyncTransport | undefined {
  const lonely = (name: 'client_cert' | 'client_key', other: string) =>
    context.error(
      'SF_MODULE_MISSING_FIELD',
      keyOffset(name) ?? 0,
      `${path}.${name} needs ${other}`,
      'give both the certificate and the key for mutual TLS, or neither',
    )
  const hasCert = keyOffset('client_cert') !== undefined
  if (hasCert !== (keyOffset('client_key') !== undefined)) {
    return hasCert ? lonely('client_cert', 'client_key') : lonely('client_key', 'client_cert')
  }
  const { timeouts } = values
  for (const name of ['call', 'connect'] as const) {
    const offset = keyOffset(name)
    if (timeouts === undefined || offset === undefined) continue
    const message = `${path}.${name} has no effect: the object timeouts wins, with its own default where it says nothing`
    context.warning('SF_MODULE_NO_EFFECT', offset, message, `move it into timeouts, or drop timeouts`)
  }
  const defaults = DEFAULT_ASYNC_TRANSPORT
  return {
    type: 'async',
    callMs: timeouts?.callMs ?? values.call ?? defaults.callMs,
    connectMs: timeouts?.connectMs ?? values.connect ?? defaults.connectMs,
    poolTtlMs: values.pool_ttl ?? defaults.poolTtlMs,
    poolSize: values.pool_size ?? defaults.poolSize,
    payloadMaxBytes: values.payload_max_bytes ?? defaults.payloadMaxBytes,
    trustCacerts: values.trust_cacerts,
    clientCert: values.client_cert,
    clientKey: values.client_key,
    clientKeyPassword: values.client_key_password,
  }
}

const timeoutsOnly = (name: string) => `okhttp reads timeouts.${name}`

/** `transport` of `io.statefun.endpoints.v2/http`. */
export const transport = variant({
  default: 'io.statefun.transports.v1/async',
  cases: {
    'io.statefun.transports.v1/async': variantCase({
      fields: asyncFields,
      mistakes: {
        read: 'only okhttp has it, as timeouts.read',
        write: 'only okhttp has it, as timeouts.write',
      },
      build: buildAsync,
    }),
    'io.statefun.transports.v1/okhttp': variantCase({
      fields: { timeouts: optional(okHttpTimeouts, 'Times of a call.') },
      mistakes: Object.fromEntries(
        ['call', 'connect', 'read', 'write'].map((name) => [name, timeoutsOnly(name)]),
      ),
      build: ({ values }): OkHttpTransport => values.timeouts ?? DEFAULT_OKHTTP_TRANSPORT,
    }),
  },
  mistakes: {
    async: 'write io.statefun.transports.v1/async',
    okhttp: 'write io.statefun.transports.v1/okhttp',
  },
  unknown: extensionMissing,
})
