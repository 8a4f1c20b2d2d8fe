import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ROOT, readManifest } from './workspace.ts'

/** How a program ended. */
export interface ToolResult {
  /** Exit code; 1 when a signal ended it. */
  readonly code: number
  readonly stdout: string
  /** Standard output and error as they came. */
  readonly output: string
}

/**
 * Runs the program `bin` of an installed package with this Node, without a shell, from the root unless `cwd` says
 * otherwise. The path is taken from the package's manifest, so it works on every system and without a prepared PATH.
 */
export function runTool(
  packageName: string,
  bin: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly color?: boolean } = {},
): Promise<ToolResult> {
  return runNode([toolFile(packageName, bin), ...args], options)
}

/** Runs npm, the one that runs this script where there is one. */
export function runNpm(args: readonly string[], cwd: string): Promise<ToolResult> {
  const npm = process.env.npm_execpath
  return npm === undefined ? run('npm', args, { cwd }) : runNode([npm, ...args], { cwd })
}

/** Runs this Node with `args`. */
export function runNode(
  args: readonly string[],
  options: { readonly cwd?: string; readonly color?: boolean } = {},
): Promise<ToolResult> {
  return run(process.execPath, args, options)
}

/** Runs a program from the root. @throws Error when it cannot be started */
export function runProgram(program: string, args: readonly string[]): Promise<ToolResult> {
  return run(program, args, {})
}

/** Runs a command line by the shell, from the root. */
export function runShell(command: string): Promise<ToolResult> {
  return run('sh', ['-c', command], {})
}

/** Path of the program `bin` of an installed package. */
export function toolFile(packageName: string, bin: string): string {
  const folder = packageFolder(packageName)
  const bins = readManifest(folder).bin as string | Readonly<Record<string, string>> | undefined
  const file = typeof bins === 'string' ? bins : bins?.[bin]
  if (file === undefined) throw new Error(`${packageName} has no program "${bin}"`)
  return join(folder, file)
}

function packageFolder(packageName: string): string {
  const paths = createRequire(join(ROOT, 'package.json')).resolve.paths(packageName) ?? []
  for (const path of paths) {
    try {
      readManifest(join(path, packageName))
      return join(path, packageName)
    } catch {
      // not in this node_modules; the next one up is tried
    }
  }
  throw new Error(`${packageName} is not installed: run npm ci`)
}

function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly color?: boolean },
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? ROOT,
      env: {
        ...process.env,
        ...(options.color === true ? { FORCE_COLOR: '1' } : { NO_COLOR: '1', FORCE_COLOR: '0' }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stdout: Buffer[] = []
    const output: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.push(chunk)
      output.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({
        code: code ?? 1,
        stdout: Buffer.concat(stdout).toString(),
        output: Buffer.concat(output).toString(),
      }),
    )
  })
}
