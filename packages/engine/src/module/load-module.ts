import { readFile, stat } from 'node:fs/promises'
import { StatefunError } from '@statefun/protocol'
import type { Binding } from './kinds/kind.ts'
import type { ModuleDefinition } from './model.ts'
import type { PlaceholderEnv } from './placeholder.ts'
import { formatLocation, formatProblem, type ModuleProblem } from './problem.ts'
import { ReadContext } from './read-context.ts'
import { readDocuments } from './read-documents.ts'
import { SourceText } from './source-text.ts'

/** Options of {@link loadModule}. */
export interface LoadModuleOptions {
  /** Name of the file, as messages show it. */
  readonly file: string
  /** Where placeholders are looked up; by default the environment of the process. */
  readonly env?: PlaceholderEnv
  /**
   * Function types (`<ns>/<name>` or `<ns>/*`) that are served in process: they count as endpoints when the file is
   * checked for at least one, and for targets that nothing serves.
   */
  readonly functions?: readonly string[]
  /** Told about everything that is not an error, in the order of the file. */
  onWarning?(warning: ModuleProblem): void
}

/**
 * Reads a module.yaml (contract 4).
 *
 * @throws StatefunError with all errors of the file: the error's own code when there is one, else `SF_MODULE_INVALID` with
 *   each of them in the excerpt. {@link validateModule} gives them as data.
 *
 * @example
 * const module = loadModule(text, { file: 'module.yaml', onWarning: (w) => console.warn(formatProblem(w)) })
 */
export function loadModule(text: string, options: LoadModuleOptions): ModuleDefinition {
  const context = new ReadContext('embedded', new SourceText(text.replace(/^\uFEFF/, ''), options.file))
  const env = options.env ?? process.env
  const bindings = readDocuments(context, { env, functions: options.functions ?? [] })
  const problems = context.problems()
  for (const problem of problems) {
    if (problem.severity === 'warning') options.onWarning?.(problem)
  }
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw toError(errors, options.file)
  return toDefinition(bindings)
}

/**
 * Reads the module.yaml at a path.
 *
 * @throws StatefunError `SF_MODULE_NOT_FOUND`, `SF_MODULE_UNREADABLE`, and what {@link loadModule} throws
 */
export async function readModuleFile(
  path: string,
  options: Omit<LoadModuleOptions, 'file'> = {},
): Promise<ModuleDefinition> {
  return loadModule(await readModuleText(path), { ...options, file: path })
}

/**
 * The text of the module.yaml at a path, for {@link loadModule} or {@link validateModule}.
 *
 * @throws StatefunError `SF_MODULE_NOT_FOUND`, `SF_MODULE_UNREADABLE`, `SF_MODULE_TOO_LARGE`
 */
export async function readModuleText(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > MAX_FILE_BYTES) {
      throw new StatefunError('SF_MODULE_TOO_LARGE', `the file has ${size} bytes`, {
        where: path,
        hint: 'is this the right file?',
      })
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof StatefunError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new StatefunError('SF_MODULE_NOT_FOUND', `there is no file ${path}`, {
        hint: 'give the path of a module.yaml, or make one with "statefun init"',
        cause: error,
      })
    }
    throw StatefunError.from(error, 'SF_MODULE_UNREADABLE', { where: path })
  }
}

/** Far above what {@link loadModule} takes: it only keeps a wrong path from filling the memory. */
const MAX_FILE_BYTES = 16 * 1024 * 1024

function toError(errors: readonly ModuleProblem[], file: string): StatefunError {
  const [first, ...others] = errors as readonly [ModuleProblem, ...ModuleProblem[]]
  if (others.length > 0) {
    return new StatefunError('SF_MODULE_INVALID', `${file} has ${errors.length} errors`, {
      where: formatLocation(first.location),
      excerpt: errors.map((error) => formatProblem(error)).join('\n'),
    })
  }
  return new StatefunError(first.code, first.message, {
    where: formatLocation(first.location),
    excerpt: first.excerpt,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  })
}

function toDefinition(bindings: readonly Binding[]): ModuleDefinition {
  return {
    endpoints: bindings.flatMap((binding) => (binding.role === 'endpoint' ? [binding.definition] : [])),
    ingresses: bindings.flatMap((binding) => (binding.role === 'ingress' ? [binding.definition] : [])),
    egresses: bindings.flatMap((binding) => (binding.role === 'egress' ? [binding.definition] : [])),
  }
}
