import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A text file of the checkout. */
export interface CheckoutFile {
  /** Below the root, with `/`. */
  readonly path: string
  readonly text: string
  /** Size on disk. */
  readonly bytes: number
}

/** Every text file that git tracks, or would track when added (what .gitignore lists is left out); binary files are not read. */
export function checkoutFiles(root: string): readonly CheckoutFile[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const files: CheckoutFile[] = []
  for (const path of new Set(listed.split('\0'))) {
    const file = join(root, path)
    if (path === '' || !existsSync(file)) continue
    const content = readFileSync(file)
    if (!content.includes(0)) files.push({ path, text: content.toString('utf8'), bytes: content.length })
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** TypeScript that people write: no declarations of others, no generated code, no templates of new apps. */
export function isOwnSource(path: string): boolean {
  return path.endsWith('.ts') && !/(^|\/)(gen|templates)\//.test(path)
}

/** Whether a file is test code, shared cases and tests of types included: it may use devDependencies, and packages that its own package must not import. */
export function isTest(path: string): boolean {
  return /\.(test|test-d|cases|e2e)\.ts$|(^|\/)(test|e2e)\//.test(path)
}

/** The line, from 1, of a position in a text. */
export function lineOf(text: string, position: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) line++
  return line
}
