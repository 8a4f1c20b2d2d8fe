import { type CheckoutFile, lineOf } from './checkout-files.ts'
import type { Finding, StepResult } from './step.ts'

const PUBLIC_REGISTRY = 'https://registry.npmjs.org/'

// Written with [/] so that this file does not contain what it looks for.
const MACHINE_PATHS =
  /(?<![\w.\-/}])[/](?:root|work)(?=[/"'`\s)]|$)|(?<![\w.\-/}])[/](?:home|Users)[/][\w.-]+/gm

/**
 * Nothing in the tree depends on where it was written: no paths of a developer's machine, and no package registry
 * other than the public one, in the lock file and in npm's settings.
 */
export function checkWords(files: readonly CheckoutFile[]): StepResult {
  const findings: Finding[] = []
  for (const { path, text } of files) {
    for (const match of text.matchAll(MACHINE_PATHS)) {
      findings.push({
        where: `${path}:${lineOf(text, match.index)}`,
        rule: 'machine-path',
        message: `"${match[0]}" is a path of one machine`,
        hint: 'write it relative to the checkout, or make it a setting',
      })
    }
    if (/(^|\/)(package-lock\.json|\.npmrc)$/.test(path)) findings.push(...foreignRegistries(path, text))
  }
  return { summary: `${files.length} files`, findings }
}

function foreignRegistries(path: string, text: string): readonly Finding[] {
  const pattern = path.endsWith('.json')
    ? /"resolved": "(?<url>[^"]*:[^"]+)"/g
    : /^[^#\n]*registry\s*=\s*(?<url>\S+)/gm
  return [...text.matchAll(pattern)]
    .map((match) => ({ url: match.groups?.url ?? '', line: lineOf(text, match.index) }))
    .filter(({ url }) => !url.startsWith(PUBLIC_REGISTRY))
    .map(({ url, line }) => ({
      where: `${path}:${line}`,
      rule: 'private-registry',
      message: `${url} is not on ${PUBLIC_REGISTRY}`,
      hint: 'packages come from the public registry; npm config set omit-lockfile-registry-resolved true keeps hosts out',
    }))
}
