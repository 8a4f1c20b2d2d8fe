import { StatefunError } from '@statefun/protocol'
import type { TransportType } from './retry-policy.ts'

/** Where the calls of one function type go. */
export interface EndpointTarget {
  /** `http://host:port` as a URL's origin. */
  readonly origin: string
  readonly secure: boolean
  /** Path, query and fragment as they stand in the request line (contract 1.2). */
  readonly path: string
  /** Host header; without the port for 80 and 443. */
  readonly host: string
  readonly socketPath: string | undefined
  /** For people: the whole URL with credentials masked. */
  readonly display: string
}

/**
 * Puts the function's name into `urlPathTemplate` and takes the URL apart (contract 4.2).
 *
 * `http+unix` and `https+unix` URLs name a socket file, which ends at `.sock`, and then the path of the request; only the
 * okhttp transport knows them.
 *
 * @throws StatefunError `SF_TRANSPORT_URL`
 *
 * @example
 * parseEndpointUrl('http://fn:8080/{function.name}?v=1', 'greeter', 'async').path // '/greeter?v=1'
 */
export function parseEndpointUrl(
  template: string,
  functionName: string,
  type: TransportType,
): EndpointTarget {
  const text = template.replaceAll('{function.name}', functionName)
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'http+unix' || scheme === 'https+unix') {
    if (type === 'async') {
      throw new StatefunError('SF_TRANSPORT_URL', `the async transport cannot call ${maskUrl(text)}`, {
        hint: 'use transport type io.statefun.transports.v1/okhttp for Unix sockets',
      })
    }
    return parseUnixUrl(text, scheme === 'https+unix')
  }
  if (scheme !== 'http' && scheme !== 'https') {
    throw new StatefunError(
      'SF_TRANSPORT_URL',
      `"${maskUrl(text)}" is not a URL that functions can be called at`,
      {
        hint: 'urlPathTemplate starts with http://, https://, http+unix:// or https+unix://',
      },
    )
  }
  const url = URL.parse(text)
  if (url === null) {
    throw new StatefunError('SF_TRANSPORT_URL', `"${maskUrl(text)}" is not a valid URL`, {
      hint: 'check urlPathTemplate of the endpoint',
    })
  }
  return targetOf(url)
}

/** Takes a URL with scheme http or https apart. */
export function targetOf(url: URL): EndpointTarget {
  const portShown = url.port !== '' && url.port !== '80' && url.port !== '443'
  return {
    origin: url.origin,
    secure: url.protocol === 'https:',
    path: `${url.pathname}${url.search}${url.hash}`,
    host: portShown ? url.host : url.hostname,
    socketPath: undefined,
    display: maskUrl(url.href),
  }
}

function parseUnixUrl(text: string, secure: boolean): EndpointTarget {
  const match = /^[^:]+:\/\/(.*?\.sock)(?=[/?#]|$)(.*)$/.exec(text)
  if (match === null) {
    throw new StatefunError('SF_TRANSPORT_URL', `"${text}" names no socket file`, {
      hint: 'the path of the socket ends with .sock: http+unix:///run/fn.sock/path',
    })
  }
  const [, socketPath = '', rest = ''] = match
  const url = new URL(rest, 'http://localhost')
  return {
    origin: secure ? 'https://localhost' : 'http://localhost',
    secure,
    path: `${url.pathname}${url.search}${url.hash}`,
    host: 'localhost',
    socketPath,
    display: text,
  }
}

function maskUrl(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1***@')
}
