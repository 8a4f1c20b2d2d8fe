import { readFileSync } from 'node:fs'
import { createSecureContext, type SecureContext } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { StatefunError } from '@statefun/protocol'
import type { AsyncTransport } from '../module/model.ts'

/** The TLS fields of an async transport (contract 4.2). */
export type TlsFields = Pick<
  AsyncTransport,
  'trustCacerts' | 'clientCert' | 'clientKey' | 'clientKeyPassword'
>

/**
 * Reads certificates and keys and checks that they fit together; undefined when no field is set, which trusts the
 * authorities that Node trusts.
 *
 * @throws StatefunError `SF_TRANSPORT_TLS`: a file cannot be read, certificate without key, wrong password, `classpath:`
 */
export function loadTlsMaterial(fields: TlsFields): SecureContext | undefined {
  if ((fields.clientCert === undefined) !== (fields.clientKey === undefined)) {
    const missing = fields.clientCert === undefined ? 'client_cert' : 'client_key'
    throw new StatefunError('SF_TRANSPORT_TLS', `${missing} is missing`, {
      hint: 'give both client_cert and client_key, or neither',
    })
  }
  if (fields.clientKeyPassword !== undefined && fields.clientKey === undefined) {
    throw new StatefunError('SF_TRANSPORT_TLS', 'client_key_password is given without client_key', {
      hint: 'remove client_key_password, or add client_cert and client_key',
    })
  }
  const ca = read('trust_cacerts', fields.trustCacerts)
  const cert = read('client_cert', fields.clientCert)
  const key = read('client_key', fields.clientKey)
  const password = read('client_key_password', fields.clientKeyPassword)
  if (ca === undefined && cert === undefined) return undefined
  try {
    return createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
      ...(password === undefined ? {} : { passphrase: password.toString('utf8').replace(/\r?\n$/, '') }),
    })
  } catch (cause) {
    const names = [fields.trustCacerts, fields.clientCert, fields.clientKey].filter(
      (name) => name !== undefined,
    )
    throw new StatefunError('SF_TRANSPORT_TLS', `${names.join(', ')}: ${(cause as Error).message}`, {
      cause,
      hint: 'PEM files are needed, the key in PKCS8 form that fits client_cert; client_key_password is the path of a file',
    })
  }
}

function read(field: string, location: string | undefined): Buffer | undefined {
  if (location === undefined) return undefined
  if (location.startsWith('classpath:')) {
    throw new StatefunError('SF_TRANSPORT_TLS', `${field}: ${location} needs a Java classpath`, {
      hint: 'write the path of the file, plain or as file: URL',
    })
  }
  try {
    return readFileSync(location.startsWith('file:') ? filePath(location) : location)
  } catch (cause) {
    throw new StatefunError('SF_TRANSPORT_TLS', `${field}: cannot read ${location}`, {
      cause,
      hint: 'check that the file exists and that the engine may read it',
    })
  }
}

/** `file:relative.pem` is a legal Java form that Node's URL parser would turn into an absolute path. */
function filePath(location: string): string {
  return location.startsWith('file:/') ? fileURLToPath(location) : location.slice('file:'.length)
}
