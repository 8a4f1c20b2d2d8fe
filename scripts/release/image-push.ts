/** A program to run for a push. */
export interface PushCommand {
  readonly program: string
  /** {@link DIGEST} in them stands for what was pushed. */
  readonly args: readonly string[]
  /** Its standard output ends with the digest of what was pushed: `name@sha256:…`. */
  readonly tells?: 'digest'
}

/** Stands for `sha256:…`. A tag may be another image's by the time at which something is signed. */
export const DIGEST = '{digest}'

/** The images that a release has, as `release:images` names them on the machine. */
export const IMAGES: Readonly<Record<string, string>> = {
  functions: 'statefun-functions:local',
  engine: 'statefun-engine:local',
}

/**
 * What pushes one image of a release, in order.
 *
 * @param name a key of {@link IMAGES}
 * @param environment `IMAGE`, the name without a tag; `VERSION`; `STABLE`, `true` for a version that becomes `latest`
 * @throws Error when one of them is missing, or the image is unknown
 */
export function imagePush(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly PushCommand[] {
  const { IMAGE: image, VERSION: version, STABLE: stable } = environment
  const local = IMAGES[name]
  if (local === undefined) throw new Error(`no image "${name}"; there are: ${Object.keys(IMAGES).join(', ')}`)
  if (!image || !version) throw new Error('IMAGE and VERSION say where the image goes')
  const tags = [version, ...(stable === 'true' ? ['latest'] : [])].map(
    (tag) => `${image.toLowerCase()}:${tag}`,
  )
  const first = tags[0] ?? ''
  const pushed = `${image.toLowerCase()}@${DIGEST}`
  return [
    ...tags.flatMap((tag) => [
      { program: 'docker', args: ['tag', local, tag] },
      { program: 'docker', args: ['push', tag] },
    ]),
    {
      program: 'docker',
      args: ['image', 'inspect', '--format', '{{index .RepoDigests 0}}', first],
      tells: 'digest',
    },
    { program: 'syft', args: ['scan', first, '--output', `spdx-json=${name}.spdx.json`] },
    { program: 'cosign', args: ['sign', '--yes', pushed] },
    {
      program: 'cosign',
      args: ['attest', '--yes', '--type', 'spdxjson', '--predicate', `${name}.spdx.json`, pushed],
    },
  ]
}
