import { globSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vitepress'
import { writeApiReference } from './api-reference.ts'
import { writeLlms } from './llms.ts'

/** What a build made. */
export interface BuiltSite {
  readonly folder: string
  readonly pages: number
  /** Of the API reference. */
  readonly warnings: readonly string[]
}

/** Builds the site. @throws Error for a link to a page that does not exist, and for anything that VitePress refuses */
export async function buildSite(): Promise<BuiltSite> {
  const root = join(import.meta.dirname, '..')
  const folder = join(root, 'dist')
  const warnings = await writeApiReference()
  await build(root)
  writeLlms(folder, process.env.SITE_BASE ?? '/')
  return { folder, pages: globSync('**/*.html', { cwd: folder }).length, warnings }
}
