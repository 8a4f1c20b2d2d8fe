import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import type { Workspace } from '../workspace.ts'
import { type CheckoutFile, isOwnSource, isTest } from './checkout-files.ts'
import { findCycles } from './find-cycles.ts'
import { type Import, importsOf, packageOf } from './imports.ts'
import { MAY_IMPORT } from './package-rules.ts'
import type { Finding, StepResult } from './step.ts'

const SCOPE = '@statefun/'

/** Workspaces that work with parts that nobody exports. */
const LOOKS_INSIDE = ['bench', 'sim']

/** The devDependencies of the root, which every test and script may use. */
export interface DependencyInput {
  readonly files: readonly CheckoutFile[]
  readonly workspaces: readonly Workspace[]
  readonly rootDevDependencies: readonly string[]
}

/**
 * Reads every import of every TypeScript file and checks that
 * - packages import only packages below them (`package-rules.ts`), by names that those export;
 * - every imported package is declared where it is imported: in `dependencies` for what gets published;
 * - no file reaches into another workspace by a relative path, but for benches and the simulator, which work with parts that
 *   nobody exports, and tests of several packages together, which share the packages' test kits;
 * - the files of a package do not import each other in a circle (types, erased when run, may).
 */
export function checkDependencyDirection(input: DependencyInput): StepResult {
  const findings: Finding[] = []
  const graph = new Map<string, string[]>()
  let count = 0
  for (const file of input.files) {
    if (!file.path.endsWith('.ts') || file.path.includes('/templates/')) continue
    const targets: string[] = []
    for (const found of importsOf(file)) {
      count++
      findings.push(...checkImport(file.path, found, input))
      if (found.kind === 'value' && found.specifier.startsWith('.')) {
        targets.push(posix.join(posix.dirname(file.path), found.specifier))
      }
    }
    graph.set(file.path, targets)
  }
  for (const cycle of findCycles(graph)) {
    findings.push({
      where: `${cycle[0]}:1`,
      rule: 'import-cycle',
      message: [...cycle, cycle[0]].join(' -> '),
      hint: 'move what they share into a file of its own, or import only types',
    })
  }
  const sources = input.files.filter(({ path }) => isOwnSource(path)).length
  return { summary: `${count} imports of ${sources} files`, findings }
}

function checkImport(path: string, found: Import, input: DependencyInput): readonly Finding[] {
  const where = `${path}:${found.line}`
  const home = workspaceOf(path, input.workspaces)
  if (found.specifier.startsWith('.'))
    return checkRelative(where, path, found.specifier, home, input.workspaces)
  const name = packageOf(found.specifier)
  if (name === undefined || builtinModules.includes(found.specifier)) return []
  const findings: Finding[] = []
  if (!isDeclared(name, path, home, input.rootDevDependencies)) {
    const section = isTest(path) ? 'devDependencies' : 'dependencies'
    findings.push({
      where,
      rule: 'undeclared-dependency',
      message: `${name} is not declared in ${home === undefined ? '' : `${home.folder}/`}package.json`,
      hint: home === undefined ? 'add it to devDependencies of the root' : `add it to ${section} there`,
    })
  }
  if (name.startsWith(SCOPE))
    findings.push(...checkOwnPackage(where, path, name, found.specifier, home, input.workspaces))
  return findings
}

function checkRelative(
  where: string,
  path: string,
  specifier: string,
  home: Workspace | undefined,
  workspaces: readonly Workspace[],
): readonly Finding[] {
  const targetPath = posix.join(posix.dirname(path), specifier)
  const target = workspaceOf(targetPath, workspaces)
  if (target === home || (home !== undefined && LOOKS_INSIDE.includes(home.folder))) return []
  if (home === undefined && target?.folder.startsWith('packages/') === false) return []
  if (home === undefined && isTest(path) && targetPath.startsWith(`${target?.folder}/test/`)) return []
  const message = `${specifier} leaves ${home?.folder ?? 'the scripts'}`
  const hint =
    target === undefined
      ? 'what several workspaces need belongs into a package'
      : `import it by name from ${target.manifest.name}, which must export it`
  return [{ where, rule: 'deep-import', message, hint }]
}

function checkOwnPackage(
  where: string,
  path: string,
  name: string,
  specifier: string,
  home: Workspace | undefined,
  workspaces: readonly Workspace[],
): readonly Finding[] {
  const target = workspaces.find(({ manifest }) => manifest.name === name)
  if (target === undefined) {
    return [
      {
        where,
        rule: 'unknown-package',
        message: `there is no package ${name}`,
        hint: `${packageNames(workspaces)}`,
      },
    ]
  }
  const findings: Finding[] = []
  const entry = `.${specifier.slice(name.length)}`
  if (!(entry in (target.manifest.exports ?? {}))) {
    findings.push({
      where,
      rule: 'deep-import',
      message: `${name} does not export "${entry}"`,
      hint: `it exports ${Object.keys(target.manifest.exports ?? {}).join(', ')}`,
    })
  }
  if (home?.folder.startsWith('packages/') && !isTest(path)) {
    const allowed = MAY_IMPORT[home.folder.slice('packages/'.length)] ?? []
    if (!allowed.includes(target.folder.slice('packages/'.length))) {
      findings.push({
        where,
        rule: 'dependency-direction',
        message: `${home.manifest.name} must not import ${name}`,
        hint:
          target === home
            ? 'import the file itself by its relative path'
            : `it may import ${allowed.length === 0 ? 'no package of ours' : allowed.map((short) => SCOPE + short).join(', ')}`,
      })
    }
  }
  return findings
}

function isDeclared(
  name: string,
  path: string,
  home: Workspace | undefined,
  rootDevDependencies: readonly string[],
): boolean {
  // npm links every workspace at the root.
  if (home === undefined) return rootDevDependencies.includes(name) || name.startsWith(SCOPE)
  const { manifest } = home
  // A package may name itself, as its users do; whether that is wanted there is a question of direction.
  if (name === manifest.name || name in { ...manifest.dependencies, ...manifest.peerDependencies })
    return true
  const developing = isTest(path) || path.endsWith('.config.ts')
  return developing && (name in (manifest.devDependencies ?? {}) || rootDevDependencies.includes(name))
}

function workspaceOf(path: string, workspaces: readonly Workspace[]): Workspace | undefined {
  return workspaces.find(({ folder }) => path.startsWith(`${folder}/`))
}

function packageNames(workspaces: readonly Workspace[]): string {
  return `there are ${workspaces.map(({ manifest }) => manifest.name).join(', ')}`
}
