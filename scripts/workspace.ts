import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The parts of a package.json that the scripts read. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
  readonly files?: readonly string[]
  readonly workspaces?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** One npm workspace. */
export interface Workspace {
  /** Folder below the root with `/`: `packages/sdk`. */
  readonly folder: string
  readonly manifest: Manifest
}

/** The root of this checkout. */
export const ROOT = join(import.meta.dirname, '..')

/** Reads the package.json in `folder`. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** Every workspace that the root's package.json names, sorted by folder. */
export function readWorkspaces(root: string): readonly Workspace[] {
  const patterns = readManifest(root).workspaces ?? []
  return globSync([...patterns], { cwd: root })
    .map((folder) => folder.replaceAll('\\', '/'))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .sort()
    .map((folder) => ({ folder, manifest: readManifest(join(root, folder)) }))
}

/** What gets published: the workspaces below packages/ that are not private. */
export function publishable(workspaces: readonly Workspace[]): readonly Workspace[] {
  return workspaces.filter(
    ({ folder, manifest }) => folder.startsWith('packages/') && manifest.private !== true,
  )
}
