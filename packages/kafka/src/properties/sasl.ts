import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { SASLOptions } from '@platformatic/kafka'
import type { PropertyReader } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { parseJaas } from './jaas.ts'

type Mechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER'

const MECHANISMS: Readonly<Record<string, Mechanism>> = {
  PLAIN: 'PLAIN',
  'SCRAM-SHA-256': 'SCRAM-SHA-256',
  'SCRAM-SHA-512': 'SCRAM-SHA-512',
  OAUTHBEARER: 'OAUTHBEARER',
}

const JAAS_FORM = '<login module> required name="value" …;'

/**
 * SASL settings from `sasl.mechanism`, `sasl.jaas.config` and `sasl.oauthbearer.token.endpoint.url`.
 *
 * OAUTHBEARER takes a fixed token: `token="…"` in `sasl.jaas.config` (an extension), or a `file:` URL as token endpoint,
 * read anew for every connection.
 *
 * @throws StatefunError `SF_KAFKA_PROPERTY_INVALID`
 */
export function readSasl(properties: PropertyReader): SASLOptions {
  if (properties.text('sasl.mechanism') === undefined) {
    throw properties.invalid('sasl.mechanism', `given for SASL, one of ${Object.keys(MECHANISMS).join(', ')}`)
  }
  const mechanism = properties.choice('sasl.mechanism', MECHANISMS, 'PLAIN')
  const jaas = properties.text('sasl.jaas.config')
  const entry = jaas === undefined ? undefined : parseJaas(jaas)
  if (jaas !== undefined && entry === undefined) {
    throw properties.invalid('sasl.jaas.config', `of the form ${JAAS_FORM}`)
  }
  if (mechanism === 'OAUTHBEARER') {
    const endpoint = properties.text('sasl.oauthbearer.token.endpoint.url')
    if (endpoint?.startsWith('file:')) return { mechanism, token: () => readToken(endpoint) }
    const token = entry?.options.get('token')
    if (token !== undefined) return { mechanism, token }
    throw properties.invalid(
      'sasl.oauthbearer.token.endpoint.url',
      'a file: URL of a token, or sasl.jaas.config must hold token="…"; fetching tokens is not supported',
    )
  }
  const username = entry?.options.get('username')
  const password = entry?.options.get('password')
  if (username === undefined || password === undefined) {
    throw properties.invalid('sasl.jaas.config', `given with username and password, in the form ${JAAS_FORM}`)
  }
  return { mechanism, username, password }
}

async function readToken(url: string): Promise<string> {
  try {
    return (await readFile(fileURLToPath(url), 'utf8')).trim()
  } catch (cause) {
    throw new StatefunError('SF_KAFKA_TOKEN_UNREADABLE', `the token file ${url} cannot be read`, { cause })
  }
}
