import type { Connection, SASLOptions } from '@platformatic/kafka'
import { AuthenticationError, loadSasl, NetworkError, TimeoutError } from './client-library.ts'
import { ERROR, protocolCodeOf } from './protocol-error.ts'

/**
 * Logs in with SASL on an open connection, or once more before a login expires (KIP-368).
 *
 * @returns for how many milliseconds the login holds, 0 without an end
 * @throws AuthenticationError when the broker refuses; the library's network errors
 */
export async function logIn(connection: Connection, sasl: SASLOptions): Promise<number> {
  const library = await loadSasl()
  try {
    await library.saslHandshakeV1.api.async(connection, sasl.mechanism)
  } catch (error) {
    if (protocolCodeOf(error) === undefined) throw error
    throw new AuthenticationError('Cannot find a suitable SASL mechanism.', { cause: error as Error })
  }
  try {
    const { sessionLifetimeMs } = await authenticate(library, connection, sasl)
    return Number(sessionLifetimeMs)
  } catch (error) {
    throw refusal(error)
  }
}

type Library = Awaited<ReturnType<typeof loadSasl>>

function authenticate(library: Library, connection: Connection, sasl: SASLOptions) {
  const { mechanism, username = '', password = '', token = '' } = sasl
  const { api } = library.saslAuthenticateV2
  switch (mechanism) {
    case 'OAUTHBEARER':
      return library.saslOAuthBearer.authenticate(api, connection, token, sasl.oauthBearerExtensions ?? {})
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512': {
      const algorithm = mechanism === 'SCRAM-SHA-256' ? 'SHA-256' : 'SHA-512'
      return library.saslScramSha.authenticate(api, connection, algorithm, username, password)
    }
    case 'PLAIN':
      return library.saslPlain.authenticate(api, connection, username, password)
    default:
      throw new AuthenticationError(`SASL mechanism ${mechanism} not supported.`)
  }
}

/** The library calls every failure of SCRAM a refusal, also that of the network, after which a retry helps. */
function refusal(error: unknown): unknown {
  const cause = error instanceof AuthenticationError ? error.cause : undefined
  if (cause instanceof NetworkError || cause instanceof TimeoutError) return cause
  if (protocolCodeOf(error) !== ERROR.saslAuthenticationFailed) return error
  return new AuthenticationError('SASL authentication failed.', { cause: error as Error })
}
