/** A program to run for a push. */
export interface PushCommand {
  readonly program: string
  /** {@link DIGEST} in them stands for what was pushed. */
  readonly args: readonly string[]
  /** Its standard output ends with the digest of what was pushed: `sha256:…`. */
  readonly tells?: 'digest'
}

/** Stands for `sha256:…`. A tag may be another image's by the time at which something is signed. */
export const DIGEST = '{digest}'

/** The images that a release has, as `release:images` names them on the machine. */
export const IMAGES: Readonly<Record<string, string>> = {
  functions: 'statefun-functions:local',
  engine: 'statefun-engine:local',
}

/** Architectures that the images of a release are built for, each on a machine of its own. */
export const ARCHITECTURES = ['amd64', 'arm64'] as const

/** Where the digests of what was pushed lie: a file `<image>-<architecture>` each. */
export const DIGEST_FOLDER = 'image-digests'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * What pushes one image of a release for one architecture, in order. Its tag is the version with the architecture.
 *
 * @param name a key of {@link IMAGES}
 * @param environment `IMAGE`, the name without a tag; `VERSION`; `ARCHITECTURE`
 * @throws Error when one of them is missing, or the image is unknown
 */
export function imagePush(name: string, environment: Environment): readonly PushCommand[] {
  const { image, version } = target(name, environment)
  const { ARCHITECTURE: architecture } = environment
  if (!ARCHITECTURES.some((known) => known === architecture))
    throw new Error(`ARCHITECTURE says which one this machine builds for: ${ARCHITECTURES.join(', ')}`)
  const tag = `${image}:${version}-${architecture}`
  const pushed = `${image}@${DIGEST}`
  const bill = `${name}-${architecture}.spdx.json`
  return [
    { program: 'docker', args: ['tag', IMAGES[name] ?? '', tag] },
    { program: 'docker', args: ['push', tag] },
    {
      program: 'docker',
      args: ['image', 'inspect', '--format', '{{index .RepoDigests 0}}', tag],
      tells: 'digest',
    },
    { program: 'syft', args: ['scan', tag, '--output', `spdx-json=${bill}`] },
    { program: 'cosign', args: ['sign', '--yes', pushed] },
    { program: 'cosign', args: ['attest', '--yes', '--type', 'spdxjson', '--predicate', bill, pushed] },
  ]
}

/**
 * What makes one image out of those of all architectures: an index under the version, and `latest` for a stable one.
 *
 * @param environment `IMAGE`, `VERSION`; `STABLE`, `true` for a version that becomes `latest`
 * @param digests by architecture, as they were pushed
 * @throws Error when something is missing, or the image is unknown
 */
export function imageIndex(
  name: string,
  environment: Environment,
  digests: Readonly<Record<string, string | undefined>>,
): readonly PushCommand[] {
  const { image, version } = target(name, environment)
  const tags = [version, ...(environment.STABLE === 'true' ? ['latest'] : [])].map((tag) => `${image}:${tag}`)
  const parts = ARCHITECTURES.map((architecture) => {
    const digest = digests[architecture]
    if (digest === undefined) throw new Error(`${image} was not pushed for ${architecture}`)
    return `${image}@${digest}`
  })
  return [
    {
      program: 'docker',
      args: ['buildx', 'imagetools', 'create', ...tags.flatMap((tag) => ['--tag', tag]), ...parts],
    },
    {
      program: 'docker',
      args: ['buildx', 'imagetools', 'inspect', '--format', '{{.Manifest.Digest}}', tags[0] ?? ''],
      tells: 'digest',
    },
    { program: 'cosign', args: ['sign', '--yes', `${image}@${DIGEST}`] },
  ]
}

function target(name: string, { IMAGE: image, VERSION: version }: Environment) {
  if (IMAGES[name] === undefined)
    throw new Error(`no image "${name}"; there are: ${Object.keys(IMAGES).join(', ')}`)
  if (!image || !version) throw new Error('IMAGE and VERSION say where the image goes')
  return { image: image.toLowerCase(), version }
}
