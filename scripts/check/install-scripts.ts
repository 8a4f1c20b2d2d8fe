import type { Workspace } from '../workspace.ts'
import type { Finding, StepResult } from './step.ts'

/** The parts of package-lock.json (version 3) that matter here. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>
}

interface LockEntry {
  readonly hasInstallScript?: boolean
  readonly link?: boolean
  readonly resolved?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/**
 * Nothing to install but Node: no package that a user gets with ours runs a script when it is installed (native builds,
 * downloads). Follows the locked dependencies of every published package, as npm would install them.
 */
export function checkInstallScripts(lock: LockFile, packages: readonly Workspace[]): StepResult {
  const findings: Finding[] = []
  const seen = new Set<string>()
  for (const { folder, manifest } of packages) {
    const queue: (readonly [key: string, chain: string])[] = [[folder, manifest.name]]
    const visited = new Set<string>()
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [key, chain] = next
      const entry = lock.packages[key]
      if (entry === undefined || visited.has(key)) continue
      visited.add(key)
      seen.add(key)
      if (entry.hasInstallScript === true) {
        findings.push({
          where: 'package-lock.json:1',
          rule: 'install-script',
          message: `${chain} runs a script when it is installed`,
          hint: 'no dependency of a published package may: choose another library',
        })
      }
      const names = { ...entry.peerDependencies, ...entry.dependencies, ...entry.optionalDependencies }
      for (const name of Object.keys(names)) queue.push([locate(lock, key, name), `${chain} -> ${name}`])
    }
  }
  return { summary: `${seen.size} packages, as a user gets them`, findings }
}

/** Where Node would find `name` from the package at `from`: the nearest node_modules upwards; links are followed. */
function locate(lock: LockFile, from: string, name: string): string {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const key = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    const entry = lock.packages[key]
    if (entry !== undefined) return entry.link === true ? (entry.resolved ?? key) : key
    if (folder === '') return key
  }
}
