/**
 * An image reference with the registry's prefix before it, as `IMAGE_REGISTRY_PREFIX` is used by the public manifests
 * (contract 7.3): `registry.example.com/proxy/` and `apache/kafka:3.9.0` give `registry.example.com/proxy/apache/kafka:3.9.0`.
 * One that begins with the prefix already stays as it is.
 */
export function withRegistryPrefix(prefix: string, image: string): string {
  return image.startsWith(prefix) ? image : `${prefix}${image}`
}
