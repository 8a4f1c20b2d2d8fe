import { spawn } from 'node:child_process'
import type { Manifest } from '../workspace.ts'
import { distTag } from './release-plan.ts'

/** A packed package as it lies in a folder. */
export interface PackedFile {
  readonly name: string
  readonly version: string
  /** Path of the `.tgz`. */
  readonly tarball: string
  /** Names of the packages of ours that it needs. */
  readonly needs: readonly string[]
}

/** Reads the manifests of tarballs; those that others need come first. @throws Error for a file that is no npm package */
export async function readPacked(tarballs: readonly string[]): Promise<readonly PackedFile[]> {
  const manifests = await Promise.all(
    tarballs.map(async (tarball) => ({ tarball, manifest: await manifestOf(tarball) })),
  )
  const ours = new Set(manifests.map(({ manifest }) => manifest.name))
  return inOrder(
    manifests.map(({ tarball, manifest: { name, version, dependencies = {} } }) => ({
      name,
      version,
      tarball,
      needs: Object.keys(dependencies).filter((each) => ours.has(each)),
    })),
  )
}

/** Those that others need first, otherwise by name. @throws Error for a circle */
export function inOrder(files: readonly PackedFile[]): readonly PackedFile[] {
  const left = [...files].sort((a, b) => (a.name < b.name ? -1 : 1))
  const done: PackedFile[] = []
  while (left.length > 0) {
    const index = left.findIndex(({ needs }) =>
      needs.every((name) => done.some((file) => file.name === name)),
    )
    if (index < 0)
      throw new Error(`packages need each other in a circle: ${left.map(({ name }) => name).join(', ')}`)
    done.push(...left.splice(index, 1))
  }
  return done
}

/**
 * npm's arguments for an upload. Provenance needs the identity token of a workflow; elsewhere npm would refuse it.
 *
 * @param environment of the process
 */
export function publishArguments(
  tarball: string,
  version: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const provenance = environment.ACTIONS_ID_TOKEN_REQUEST_URL === undefined ? [] : ['--provenance']
  return [
    'publish',
    tarball,
    '--access=public',
    `--tag=${distTag(version)}`,
    '--ignore-scripts',
    ...provenance,
  ]
}

async function manifestOf(tarball: string): Promise<Manifest> {
  const child = spawn('tar', ['-xzOf', tarball, 'package/package.json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer)
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as Manifest
  } catch (cause) {
    throw new Error(`${tarball} is no npm package`, { cause })
  }
}
