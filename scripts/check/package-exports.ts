import { readFileSync } from 'node:fs'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { runTool } from '../run-tool.ts'
import type { PackedPackage } from './packed-package.ts'
import type { Finding, StepResult } from './step.ts'

/** What `attw --format json` prints, as far as it is read here. */
interface AttwReport {
  readonly analysis?: {
    readonly problems?: readonly { readonly kind: string; readonly entrypoint?: string }[]
  }
  readonly problems?: Readonly<Record<string, readonly unknown[]>>
}

/**
 * Looks at what would be uploaded as its users' tools will: publint (files, manifest) and attw (do Node and TypeScript
 * find the same thing under every export?), ESM only.
 */
export async function checkPackageExports(packages: readonly PackedPackage[]): Promise<StepResult> {
  const found = await Promise.all(
    packages.map(async (packed) => [...(await lint(packed)), ...(await types(packed))]),
  )
  const entries = packages.reduce(
    (sum, { workspace }) => sum + Object.keys(workspace.manifest.exports ?? {}).length,
    0,
  )
  return { summary: `${packages.length} packages, ${entries} entries`, findings: found.flat() }
}

async function lint({ workspace, tarball }: PackedPackage): Promise<readonly Finding[]> {
  const content = readFileSync(tarball)
  const bytes = content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength)
  const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true })
  return messages
    .filter(({ type }) => type !== 'suggestion')
    .map((message) => ({
      where: `${workspace.folder}/package.json:1`,
      rule: 'publint',
      message: formatMessage(message, pkg ?? {}, { color: false }) ?? message.code,
    }))
}

async function types({ workspace, tarball }: PackedPackage): Promise<readonly Finding[]> {
  const args = [tarball, '--profile', 'esm-only', '--format', 'json']
  const { code, stdout, output } = await runTool('@arethetypeswrong/cli', 'attw', args)
  const where = `${workspace.folder}/package.json:1`
  if (code === 0) return []
  const report = parseReport(stdout)
  const problems = report?.analysis?.problems ?? []
  if (problems.length === 0) return [{ where, rule: 'attw', message: output.trim() }]
  return problems.map(({ kind, entrypoint }) => ({
    where,
    rule: 'attw',
    message: `${kind} at "${entrypoint ?? '.'}"`,
  }))
}

function parseReport(text: string): AttwReport | undefined {
  try {
    return JSON.parse(text) as AttwReport
  } catch {
    return undefined
  }
}
