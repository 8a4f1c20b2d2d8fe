import { StatefunError } from '@statefun/protocol'

/** The variable, and the build argument, with what stands before every name of a public image. */
export const IMAGE_REGISTRY_PREFIX = 'IMAGE_REGISTRY_PREFIX'

/**
 * A public image's name where images come through a proxy or a mirror (contract 7.3). One that begins with the prefix already
 * stays as it is.
 *
 * @param prefix ends with `/`; empty for none
 * @param image such as `apache/kafka:3.9.0`
 * @throws StatefunError `SF_IMAGE_PREFIX`
 * @example
 * prefixedImage('registry.example.com/proxy/', 'apache/kafka:3.9.0')
 * // registry.example.com/proxy/apache/kafka:3.9.0
 */
export function prefixedImage(prefix: string, image: string): string {
  return image.startsWith(checkedPrefix(prefix)) ? image : `${prefix}${image}`
}

/**
 * A prefix that can stand before the name of an image.
 *
 * @throws StatefunError `SF_IMAGE_PREFIX`
 */
export function checkedPrefix(prefix: string): string {
  if (prefix === '' || /^[a-z0-9][a-z0-9._-]*(?::\d+)?\/(?:[a-z0-9._-]+\/)*$/i.test(prefix)) return prefix
  throw new StatefunError(
    'SF_IMAGE_PREFIX',
    `"${prefix}" cannot stand before the name of an image (${IMAGE_REGISTRY_PREFIX})`,
    {
      hint: prefix.includes('://')
        ? 'leave out the scheme: registry.example.com/proxy/'
        : 'a prefix is a registry with an optional path, and ends with "/": registry.example.com/proxy/',
    },
  )
}

/** The prefix that the environment names; empty for none. */
export function prefixFromEnvironment(environment: NodeJS.ProcessEnv = process.env): string {
  return environment[IMAGE_REGISTRY_PREFIX] ?? ''
}
