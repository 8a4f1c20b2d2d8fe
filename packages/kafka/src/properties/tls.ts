import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { PropertyReader } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'

const PEM_HINT =
  'convert it: keytool -importkeystore -srckeystore store.jks -destkeystore store.p12 -deststoretype PKCS12, ' +
  'then openssl pkcs12 -in store.p12 -out store.pem -nodes; and set the type to PEM'

/**
 * TLS settings from the `ssl.*` properties. PEM is read from files (`location`) or from the properties themselves; a key
 * store may also be PKCS12. Without a trust store, Node's own certificate authorities are trusted.
 *
 * @throws StatefunError `SF_KAFKA_PROPERTY_INVALID`, `SF_KAFKA_STORE_UNREADABLE`, `SF_KAFKA_STORE_FORMAT` (JKS)
 */
export function readTls(properties: PropertyReader): ConnectionOptions {
  const options: ConnectionOptions = {}
  const trust = properties.text('ssl.truststore.certificates') ?? pemFile(properties, 'ssl.truststore')
  properties.text('ssl.truststore.password')
  if (trust !== undefined) options.ca = trust
  readKeyStore(properties, options)
  const passphrase = properties.text('ssl.key.password') ?? properties.text('ssl.keystore.password')
  if (passphrase !== undefined) options.passphrase = passphrase
  // Kafka's documentation: an empty algorithm turns the check of the host name off.
  if (properties.text('ssl.endpoint.identification.algorithm')?.trim() === '') {
    options.checkServerIdentity = () => undefined
  }
  const ciphers = properties.text('ssl.cipher.suites')
  if (ciphers !== undefined) options.ciphers = ciphers.split(',').join(':')
  for (const name of ['ssl.protocol', 'ssl.enabled.protocols', 'ssl.provider']) properties.text(name)
  return options
}

function readKeyStore(properties: PropertyReader, options: ConnectionOptions): void {
  const key = properties.text('ssl.keystore.key')
  const chain = properties.text('ssl.keystore.certificate.chain')
  if (key !== undefined || chain !== undefined) {
    if (key === undefined)
      throw properties.invalid('ssl.keystore.key', 'given together with the certificate chain')
    if (chain === undefined)
      throw properties.invalid('ssl.keystore.certificate.chain', 'given together with the key')
    options.key = key
    options.cert = chain
    return
  }
  if (properties.text('ssl.keystore.type')?.toUpperCase() === 'PKCS12') {
    const location = properties.text('ssl.keystore.location')
    if (location === undefined)
      throw properties.invalid('ssl.keystore.location', 'given for a PKCS12 key store')
    options.pfx = readStore(location)
    return
  }
  const pem = pemFile(properties, 'ssl.keystore')
  if (pem === undefined) return
  options.key = pem
  options.cert = pem
}

function pemFile(properties: PropertyReader, store: 'ssl.truststore' | 'ssl.keystore'): string | undefined {
  const type = properties.text(`${store}.type`)?.toUpperCase()
  const location = properties.text(`${store}.location`)
  if (location === undefined) return undefined
  const content = readStore(location)
  if (content.includes('-----BEGIN ')) return content.toString('utf8')
  throw new StatefunError(
    'SF_KAFKA_STORE_FORMAT',
    `${store}.location ${location} is not PEM${type === undefined ? '' : ` (type ${type})`}; only PEM is supported here`,
    { hint: PEM_HINT },
  )
}

function readStore(location: string): Buffer {
  try {
    return readFileSync(location)
  } catch (cause) {
    throw new StatefunError('SF_KAFKA_STORE_UNREADABLE', `the store ${location} cannot be read`, { cause })
  }
}
