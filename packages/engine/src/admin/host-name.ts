import { isIP } from 'node:net'

/**
 * Whether a request may ask under this `Host`. A web page can make a name of its own resolve to this machine, and its browser
 * then takes the answers for the page's; the name is what gives it away. Addresses cannot be made to mean something else.
 *
 * @param host the header; browsers always send it, so that one who leaves it out is none
 * @param names accepted besides `localhost` and addresses, with all names below them
 */
export function isOwnHost(host: string | undefined, names: readonly string[]): boolean {
  if (host === undefined) return true
  const [, literal, other = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? []
  if (isIP(literal ?? other) !== 0) return true
  const name = plain(other)
  return ['localhost', ...names.map(plain)].some((own) => name === own || name.endsWith(`.${own}`))
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}
